// Files of certificates: PEM bundles, Java's keystores, folders made by c_rehash. Used by the trust stores.
// Their content is hostile input.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// What was read, and why nothing was.
struct CertificateFile {
  std::string content;
  std::string problem;
};

/// A regular file of at most `limit` bytes.
CertificateFile read_certificate_file(const std::string& path, std::uintmax_t limit);
/// The files of a folder that OpenSSL would look certificates up in ("5ed36f99.0"), one after the other.
CertificateFile read_rehashed_folder(const std::string& path, std::uintmax_t limit);

/// The certificates of PEM or of a keystore, DER. Where there are none, `problem` says why.
std::vector<std::string> certificates_in(std::string_view content, std::string& problem);

/// The encoded subject of a certificate (RFC 5280, section 4.1); empty when it cannot be found.
std::string_view subject_of(std::string_view der);

/// The number under which OpenSSL looks a name up: names that it takes for equal have the same one.
std::optional<unsigned long> name_hash(const X509_NAME* name);
/// The same of an encoded name; nothing when it is broken.
std::optional<unsigned long> name_hash(std::string_view der);

}  // namespace amlnet
