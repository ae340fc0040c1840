#include "probes/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <memory>
#include <utility>
#include <vector>

#include "probes/digest.h"

namespace amlnet {
namespace {

constexpr std::size_t kTextLimit = 1024;
constexpr std::size_t kNameLimit = 100;
constexpr std::size_t kUrlLimit = 8;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

// The length of the UTF-8 sequence that `text` begins with and its code point; length 0 when it is none (RFC
// 3629).
std::pair<std::size_t, std::uint32_t> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {0, 0};
  std::uint32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {0, 0};
    point = point << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {0, 0};
  return {length, point};
}

// Control characters, and those that reorder, hide or break text: a terminal or a page must not be led by a
// name.
bool is_unsafe(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x61C ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF || point >= 0xE0000;
}

std::string text_of(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int length = string == nullptr ? -1 : ASN1_STRING_to_UTF8(&utf8, string);
  if (length < 0) return {};
  std::string out = printable({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length)});
  OPENSSL_free(utf8);
  return out;
}

std::string one_line(const X509_NAME* name) {
  const Owned<BIO, BIO_free_all> out(BIO_new(BIO_s_mem()));
  // Non-ASCII stays UTF-8: printable() judges it. Control characters are escaped by both.
  const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return printable({bytes, static_cast<std::size_t>(std::max(size, 0L))});
}

// The last entry of a kind: the most specific one, as OpenSSL's own name check takes it.
std::string entry(const X509_NAME* name, int nid) {
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) last = at;
  return last < 0 ? std::string() : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  const int size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::vector<std::string> alternative_names(X509* certificate) {
  std::vector<std::string> out;
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && out.size() < kNameLimit; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = text_of(name->d.dNSName);
    if (name->type == GEN_IPADD) text = address_text(name->d.iPAddress);
    if (!text.empty()) out.push_back(std::move(text));
  }
  return out;
}

std::vector<std::string> ocsp_urls(X509* certificate) {
  std::vector<std::string> out;
  STACK_OF(OPENSSL_STRING)* urls = X509_get1_ocsp(certificate);
  for (int i = 0; i < sk_OPENSSL_STRING_num(urls) && out.size() < kUrlLimit; ++i)
    out.push_back(printable(sk_OPENSSL_STRING_value(urls, i)));
  X509_email_free(urls);
  return out;
}

std::vector<std::string> crl_urls(X509* certificate) {
  std::vector<std::string> out;
  const Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT_NAME* where = sk_DIST_POINT_value(points.get(), i)->distpoint;
    if (where == nullptr || where->type != 0) continue;
    for (int k = 0; k < sk_GENERAL_NAME_num(where->name.fullname) && out.size() < kUrlLimit; ++k) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(where->name.fullname, k);
      if (name->type == GEN_URI) out.push_back(text_of(name->d.uniformResourceIdentifier));
    }
  }
  return out;
}

std::int64_t seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::string serial_text(const X509* certificate) {
  const Owned<BIGNUM, BN_free> number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* hex = number ? BN_bn2hex(number.get()) : nullptr;
  std::string out = hex == nullptr ? "" : printable(hex);
  OPENSSL_free(hex);
  return out;
}

std::string key_text(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return {};
  const int bits = EVP_PKEY_get_bits(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return fmt::format("RSA {}", bits);
    case EVP_PKEY_EC: {
      std::array<char, 64> group{};
      if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1)
        return fmt::format("EC {}", bits);
      const char* nist = EC_curve_nid2nist(OBJ_txt2nid(group.data()));
      return fmt::format("EC {}", nist != nullptr ? nist : group.data());
    }
    default: {
      const char* name = EVP_PKEY_get0_type_name(key);
      return name == nullptr ? "" : printable(name);
    }
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [length, point] = decode(text);
    const bool keep = length > 0 && !is_unsafe(point);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    std::string piece;
    if (keep) piece = text.substr(0, taken);
    for (std::size_t i = 0; !keep && i < taken; ++i)
      piece += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[i]));
    if (out.size() + piece.size() > kTextLimit) break;
    out += piece;
    text.remove_prefix(taken);
  }
  return out;
}

std::string fingerprint(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return hex_of({reinterpret_cast<const char*>(digest.data()), size});
}

Certificate read_certificate(X509* certificate, std::string sha256) {
  Certificate out;
  out.sha256 = std::move(sha256);
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  out.subject = one_line(subject);
  out.issuer = one_line(issuer);
  out.subject_cn = entry(subject, NID_commonName);
  out.issuer_cn = entry(issuer, NID_commonName);
  out.issuer_org = entry(issuer, NID_organizationName);
  out.names = alternative_names(certificate);
  out.not_before = seconds(X509_get0_notBefore(certificate));
  out.not_after = seconds(X509_get0_notAfter(certificate));
  out.serial = serial_text(certificate);
  out.key = key_text(certificate);
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  out.is_ca = (flags & EXFLAG_CA) != 0;
  out.self_signed = (flags & EXFLAG_SS) != 0;
  out.ocsp = ocsp_urls(certificate);
  out.crl = crl_urls(certificate);
  return out;
}

}  // namespace amlnet
