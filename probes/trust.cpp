// A system bundle holds some 140 roots, and OpenSSL 3 needs 0.14 ms to parse each: 20 ms and 1 MB for the two
// or three roots that a run needs. So a bundle is only decoded from PEM and indexed by subject name (1 ms),
// and a root is parsed when a chain names it as an issuer. Where that does not give a valid chain, all the
// rest is parsed and the chain is judged again: the verdict is always that of the whole store.
#include "probes/trust.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "probes/keystore.h"

namespace amlnet {
namespace {

constexpr std::size_t kBundleLimit = 16U << 20U;
constexpr std::size_t kJudgedLimit = 4096;

constexpr std::array<std::string_view, 5> kSystemBundles{
    "etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu
    "etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL, Azure Linux
    "etc/ssl/ca-bundle.pem",                             // SUSE
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "etc/ssl/cert.pem",                                  // Alpine
};
constexpr std::string_view kSystemDirectory = "etc/ssl/certs";

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// One element of a DER encoding: its content, and what follows it. Content is empty when the encoding is
// broken.
struct Element {
  std::string_view whole, content, rest;
};

Element take_element(std::string_view der) {
  if (der.size() < 2) return {};
  std::size_t length = static_cast<unsigned char>(der[1]), header = 2;
  if (length >= 0x80) {
    const std::size_t bytes = length & 0x7FU;
    if (bytes == 0 || bytes > 3 || der.size() < 2 + bytes) return {};
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length << 8U | static_cast<unsigned char>(der[2 + i]);
    header += bytes;
  }
  if (der.size() - header < length) return {};
  return {der.substr(0, header + length), der.substr(header, length), der.substr(header + length)};
}

// The encoded subject of a certificate (RFC 5280, section 4.1); empty when it cannot be found.
std::string_view subject_of(std::string_view der) {
  std::string_view at = take_element(take_element(der).content).content;
  if (!at.empty() && static_cast<unsigned char>(at[0]) == 0xA0) at = take_element(at).rest;  // version
  for (int skipped = 0; skipped < 4; ++skipped)
    at = take_element(at).rest;  // serial, algorithm, issuer, validity
  return take_element(at).whole;
}

std::string decode_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  EVP_ENCODE_CTX* context = EVP_ENCODE_CTX_new();
  EVP_DecodeInit(context);
  int size = 0, tail = 0;
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const auto* input = reinterpret_cast<const unsigned char*>(text.data());
  const bool good = EVP_DecodeUpdate(context, bytes, &size, input, static_cast<int>(text.size())) >= 0 &&
                    EVP_DecodeFinal(context, bytes + size, &tail) == 1;
  EVP_ENCODE_CTX_free(context);
  out.resize(good ? static_cast<std::size_t>(size + tail) : 0);
  return out;
}

// Subject to certificate, both DER. Certificates whose subject cannot be found stand under "".
std::multimap<std::string, std::string, std::less<>> index_bundle(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  std::multimap<std::string, std::string, std::less<>> out;
  for (std::size_t begin = 0; (begin = pem.find(kBegin, begin)) != std::string_view::npos;) {
    begin += kBegin.size();
    const std::size_t end = pem.find(kEnd, begin);
    if (end == std::string_view::npos) break;
    std::string der = decode_base64(pem.substr(begin, end - begin));
    if (!der.empty()) out.emplace(std::string(subject_of(der)), std::move(der));
    begin = end;
  }
  return out;
}

std::string read_file(const std::string& path, std::string& problem) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kBundleLimit) {
    problem = error ? error.message() : "larger than 16 MiB";
    return {};
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) problem = std::system_category().message(errno);
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

/// `anchor` becomes the root of a valid chain.
StoreVerdict verify(X509_STORE* store, STACK_OF(X509) * chain, const std::string& name, X509*& anchor) {
  StoreVerdict verdict{name, X509_V_ERR_UNSPECIFIED, "the chain could not be judged"};
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  if (context != nullptr && X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) == 1) {
    X509_STORE_CTX_set_default(context, "ssl_server");
    // OpenSSL's own default for a client: keys and digests below 80 bits of security are refused.
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), 1);
    const bool good = X509_verify_cert(context) == 1;
    verdict.code = good ? X509_V_OK : X509_STORE_CTX_get_error(context);
    if (!good && verdict.code == X509_V_OK) verdict.code = X509_V_ERR_UNSPECIFIED;
    verdict.text = X509_verify_cert_error_string(verdict.code);
    const STACK_OF(X509)* built = X509_STORE_CTX_get0_chain(context);
    if (good && sk_X509_num(built) > 0) anchor = sk_X509_value(built, sk_X509_num(built) - 1);
  }
  X509_STORE_CTX_free(context);
  ERR_clear_error();
  return verdict;
}

}  // namespace

struct TrustStore::Roots {
  X509_STORE* store = X509_STORE_new();
  std::multimap<std::string, std::string, std::less<>> waiting;

  ~Roots() { X509_STORE_free(store); }

  void parse(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    X509* root = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
    if (root != nullptr) X509_STORE_add_cert(store, root);
    X509_free(root);
  }

  void parse_issuers_in(STACK_OF(X509) * chain) {
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      const unsigned char* bytes = nullptr;
      std::size_t size = 0;
      if (X509_NAME_get0_der(X509_get_issuer_name(sk_X509_value(chain, i)), &bytes, &size) != 1) continue;
      const auto [first, last] =
          waiting.equal_range(std::string_view(reinterpret_cast<const char*>(bytes), size));
      for (auto at = first; at != last; ++at) parse(at->second);
      waiting.erase(first, last);
    }
  }

  void parse_rest() {
    for (const auto& [subject, der] : waiting) parse(der);
    waiting.clear();
  }
};

// Why `path` gives no roots, or "".
std::string TrustStore::load_bundle(const std::string& path, Roots& roots) {
  std::string why;
  const std::string pem = read_file(path, why);
  if (!why.empty()) return why;
  // OpenSSL's own kind of PEM, with trust settings: rare, and read by OpenSSL alone.
  if (pem.find("-----BEGIN TRUSTED CERTIFICATE-----") != std::string::npos)
    return X509_STORE_load_file(roots.store, path.c_str()) == 1 ? "" : "no certificate in it";
  if (const Keystore keystore = read_keystore(pem); keystore.is_one) {
    for (const std::string& der : keystore.certificates) roots.waiting.emplace(subject_of(der), der);
    return keystore.problem;
  }
  roots.waiting = index_bundle(pem);
  return roots.waiting.empty() ? "no certificate in it" : "";
}

TrustSource find_trust(const std::string& ca_file, const std::string& root) {
  if (!ca_file.empty()) return {"--ca-file " + ca_file, ca_file, ""};
  const std::string file = from_environment("SSL_CERT_FILE"), directories = from_environment("SSL_CERT_DIR");
  if (!file.empty() || !directories.empty()) {
    std::string name = file.empty() ? "" : "SSL_CERT_FILE " + file;
    if (!directories.empty()) name += (name.empty() ? "SSL_CERT_DIR " : ", SSL_CERT_DIR ") + directories;
    return {std::move(name), file, directories};
  }
  std::error_code error;
  const std::filesystem::path base(root);
  for (const std::string_view bundle : kSystemBundles) {
    const std::string path = (base / bundle).string();
    if (std::filesystem::is_regular_file(path, error)) return {path, path, ""};
  }
  const std::string directory = (base / kSystemDirectory).string();
  if (std::filesystem::is_directory(directory, error)) return {directory, "", directory};
  return {"none", "", ""};
}

TrustStore::TrustStore(TrustSource source) : source_(std::move(source)), roots_(std::make_unique<Roots>()) {
  std::string why;
  if (source_.file.empty() && source_.directories.empty()) why = "no trust store was found on this node";
  if (!source_.file.empty()) why = load_bundle(source_.file, *roots_);
  if (!source_.directories.empty() && X509_STORE_load_path(roots_->store, source_.directories.c_str()) != 1)
    why = "cannot be used as a directory of certificates";
  if (!why.empty()) problem_ = fmt::format("{}: {}", source_.name, why);
  ERR_clear_error();
}

TrustStore::~TrustStore() = default;
TrustStore::TrustStore(TrustStore&&) noexcept = default;
TrustStore& TrustStore::operator=(TrustStore&&) noexcept = default;

StoreVerdict TrustStore::judge(STACK_OF(X509) * chain, const std::string& key) {
  if (const auto known = judged_.find(key); known != judged_.end()) return known->second.verdict;
  if (judged_.size() >= kJudgedLimit) judged_.clear();
  roots_->parse_issuers_in(chain);
  Judged judged;
  judged.verdict = verify(roots_->store, chain, source_.name, judged.anchor);
  if (judged.verdict.code != X509_V_OK && !roots_->waiting.empty()) {
    roots_->parse_rest();
    judged.verdict = verify(roots_->store, chain, source_.name, judged.anchor);
  }
  return judged_.emplace(key, std::move(judged)).first->second.verdict;
}

std::string TrustStore::anchor_of(const std::string& key) const {
  const auto known = judged_.find(key);
  unsigned char* der = nullptr;
  const int size =
      known == judged_.end() || !known->second.anchor ? -1 : i2d_X509(known->second.anchor, &der);
  std::string out =
      size > 0 ? std::string(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)) : "";
  OPENSSL_free(der);
  return out;
}

}  // namespace amlnet
