// Certificates made in the test itself: authorities and leaves, good ones and broken ones.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace amlnet {

/// A certificate with its key.
struct Issued {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
};

/// What a certificate shall say. `names` are as OpenSSL writes them: "DNS:good.test", "IP:127.0.0.1". Times
/// are in seconds from now.
struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> names;
  long starts = -3600;
  long ends = 86400;
  bool authority = false;
  std::string ocsp;  // URL, empty for none
  std::string crl;
  std::string usage;  // extended key usage, "clientAuth"; empty for none
  int rsa_bits = 0;   // 0 makes a P-256 key
};

/// Signs with `issuer`, or with its own key when `issuer` has none.
Issued issue(const Issued& issuer, const CertificateRequest& request);

std::string certificate_pem(const std::vector<Issued>& chain);
std::string key_pem(const Issued& issued);

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Writes a file (making folders on the way) and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace amlnet
