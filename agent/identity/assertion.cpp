#include "agent/identity/assertion.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/identity/claims.h"

namespace amlnet {
namespace {

constexpr std::int64_t kLifetime = 600;  // seconds, as long as the documentation's example lasts

struct Release {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

Owned<BIO> reader(std::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask the terminal for a password that is not given.
int give_password(char* buffer, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

std::string sha256_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

// RSASSA-PSS with SHA-256 and a salt as long as the digest (RFC 7518 section 3.5); "" where it fails.
std::string sign(EVP_PKEY* key, const std::string& text) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  const bool ready = EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1 &&
                     EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  if (!ready) return "";
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(context.get(), out, &size, bytes, text.size()) != 1) return "";
  signature.resize(size);
  return signature;
}

}  // namespace

std::variant<std::string, ConfigError> sign_assertion(std::string_view pem, const std::string& password,
                                                      const AssertionRequest& request) {
  std::string secret = password;
  const Owned<X509> certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, give_password, &secret));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, give_password, &secret));
  ERR_clear_error();
  if (!certificate)
    return ConfigError{"expected a PEM file with a certificate and its key, found no certificate"};
  if (!key) return ConfigError{"found no private key that can be read, or the password is wrong"};
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return ConfigError{"expected an RSA key"};
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return ConfigError{"the key is not that of the certificate"};
  }
  const nlohmann::json header = {
      {"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", base64url_encoded(sha256_of(certificate.get()))}};
  const nlohmann::json payload = {{"aud", request.endpoint},
                                  {"iss", request.client_id},
                                  {"sub", request.client_id},
                                  {"jti", request.id},
                                  {"nbf", request.now},
                                  {"iat", request.now},
                                  {"exp", request.now + kLifetime}};
  const std::string text = base64url_encoded(header.dump()) + '.' + base64url_encoded(payload.dump());
  const std::string signature = sign(key.get(), text);
  ERR_clear_error();
  if (signature.empty()) return ConfigError{"cannot sign with the key"};
  return text + '.' + base64url_encoded(signature);
}

}  // namespace amlnet
