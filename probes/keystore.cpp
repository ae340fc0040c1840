// JKS as sun.security.provider.JavaKeyStore writes it: magic, version, number of entries; each entry a tag,
// an alias, a time, and a certificate (tag 2) or an encrypted key with its chain (tag 1). Numbers are
// big-endian, certificates are not encrypted. Since JDK 18 the default is PKCS #12 without a password
// (JDK-8231107).
#include "probes/keystore.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <cstdint>
#include <memory>
#include <optional>

namespace amlnet {
namespace {

constexpr std::size_t kMostCertificates = 4096;
constexpr std::uint32_t kJks = 0xFEEDFEED, kJceks = 0xCECECECE;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool ended() const { return broken_; }

  std::string_view take(std::size_t size) {
    if (broken_ || rest_.size() < size) {
      broken_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char c : take(size)) value = value << 8U | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view text() { return take(number(2)); }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

std::string_view take_certificate(Reader& reader, std::uint32_t version) {
  if (version == 2) reader.text();  // "X.509"
  return reader.take(reader.number(4));
}

void read_jks(Reader& reader, Keystore& found) {
  const auto version = reader.number(4);
  const auto entries = reader.number(4);
  for (std::uint32_t i = 0; i < entries && !reader.ended(); ++i) {
    const auto tag = reader.number(4);
    reader.text();
    reader.take(8);
    if (tag == 2) {
      const auto der = take_certificate(reader, version);
      if (!der.empty() && found.certificates.size() < kMostCertificates) found.certificates.emplace_back(der);
    } else if (tag == 1) {
      reader.take(reader.number(4));
      const auto chain = reader.number(4);
      for (std::uint32_t k = 0; k < chain && !reader.ended(); ++k) take_certificate(reader, version);
    } else {
      break;
    }
  }
}

struct Free {
  void operator()(PKCS12* store) const { PKCS12_free(store); }
  void operator()(STACK_OF(PKCS7) * safes) const { sk_PKCS7_pop_free(safes, PKCS7_free); }
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

void take_bags(PKCS7* safe, Keystore& found) {
  const std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), Free> bags(PKCS12_unpack_p7data(safe));
  for (int i = 0; bags && i < sk_PKCS12_SAFEBAG_num(bags.get()); ++i) {
    const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags.get(), i);
    if (PKCS12_SAFEBAG_get_nid(bag) != NID_certBag) continue;
    const std::unique_ptr<X509, Free> certificate(PKCS12_SAFEBAG_get1_cert(bag));
    unsigned char* der = nullptr;
    const int size = certificate ? i2d_X509(certificate.get(), &der) : -1;
    if (size > 0 && found.certificates.size() < kMostCertificates)
      found.certificates.emplace_back(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
  }
}

void read_pkcs12(const PKCS12* store, Keystore& found) {
  const std::unique_ptr<STACK_OF(PKCS7), Free> safes(PKCS12_unpack_authsafes(store));
  bool encrypted = false;
  for (int i = 0; safes && i < sk_PKCS7_num(safes.get()); ++i) {
    PKCS7* safe = sk_PKCS7_value(safes.get(), i);
    const int kind = OBJ_obj2nid(safe->type);
    if (kind == NID_pkcs7_data) take_bags(safe, found);
    encrypted = encrypted || kind == NID_pkcs7_encrypted;
  }
  if (found.certificates.empty() && encrypted)
    found.problem = "its certificates are encrypted (PKCS #12): keytool -list reads them with its password";
}

}  // namespace

Keystore read_keystore(std::string_view bytes) {
  Keystore found;
  Reader reader(bytes);
  const auto magic = reader.number(4);
  if (magic == kJks) {
    found.is_one = true;
    read_jks(reader, found);
  } else if (magic == kJceks) {
    found.is_one = true;
    found.problem = "a keystore of the kind JCEKS, which this program does not read";
  } else if (bytes.starts_with('\x30')) {
    const auto* der = reinterpret_cast<const unsigned char*>(bytes.data());
    const std::unique_ptr<PKCS12, Free> store(d2i_PKCS12(nullptr, &der, static_cast<long>(bytes.size())));
    found.is_one = store != nullptr;
    if (store) read_pkcs12(store.get(), found);
  }
  if (found.is_one && found.certificates.empty() && found.problem.empty())
    found.problem = "no certificate in it";
  ERR_clear_error();
  return found;
}

}  // namespace amlnet
