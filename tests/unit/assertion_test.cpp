// The client assertion of a service principal: OpenSSL verifies what we signed, by the certificate alone.
#include "agent/identity/assertion.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "agent/identity/claims.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string drained(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

struct Pair {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

Pair make_pair_of(EVP_PKEY* key) {
  Pair made{{key, EVP_PKEY_free}, {X509_new(), X509_free}};
  X509_gmtime_adj(X509_getm_notBefore(made.certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.certificate.get()), 3600);
  X509_set_pubkey(made.certificate.get(), key);
  X509_sign(made.certificate.get(), key, EVP_sha256());
  return made;
}

std::string certificate_text(const Pair& pair) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, pair.certificate.get());
  return drained(bio);
}

std::string key_text(const Pair& pair, std::string password = "") {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, pair.key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(),
                                password.data(), static_cast<int>(password.size()), nullptr, nullptr);
  return drained(bio);
}

const AssertionRequest kRequest{"9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d",
                                "https://login.microsoftonline.com/t/oauth2/v2.0/token", "id1",
                                1'800'000'000};

bool verifies(const std::string& assertion, EVP_PKEY* key) {
  const std::size_t last = assertion.rfind('.');
  const std::string text = assertion.substr(0, last);
  const std::string signature = base64url_decoded(assertion.substr(last + 1)).value_or("");
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  EVP_DigestVerifyInit(context, &options, EVP_sha256(), nullptr, key);
  EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
  const int result =
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(context);
  return result == 1;
}

TEST(Assertion, IsSignedForTheEndpoint) {
  const Pair pair = make_pair_of(EVP_RSA_gen(2048));
  for (const std::string& pem :
       {key_text(pair) + certificate_text(pair), certificate_text(pair) + key_text(pair),
        certificate_text(pair) + key_text(pair, "hush")}) {
    const auto made = sign_assertion(pem, "hush", kRequest);
    ASSERT_TRUE(std::holds_alternative<std::string>(made)) << std::get<ConfigError>(made).text;
    const std::string& text = std::get<std::string>(made);
    EXPECT_TRUE(verifies(text, pair.key.get()));
    const auto header = nlohmann::json::parse(*base64url_decoded(text.substr(0, text.find('.'))));
    EXPECT_EQ(header["alg"], "PS256");
    EXPECT_EQ(header["x5t#S256"].get<std::string>().size(), 43U);
    const std::size_t dot = text.find('.') + 1;
    const auto payload = nlohmann::json::parse(*base64url_decoded(text.substr(dot, text.rfind('.') - dot)));
    EXPECT_EQ(payload["aud"], kRequest.endpoint);
    EXPECT_EQ(payload["iss"], payload["sub"]);
    EXPECT_EQ(payload["exp"].get<std::int64_t>(), kRequest.now + 600);
  }
}

TEST(Assertion, SaysWhatIsWrongWithoutAWordOfTheFile) {
  const Pair pair = make_pair_of(EVP_RSA_gen(2048)), other = make_pair_of(EVP_RSA_gen(2048));
  const Pair curve = make_pair_of(EVP_EC_gen("P-256"));
  const std::vector<std::pair<std::string, const char*>> rows = {
      {"planted", "no certificate"},
      {certificate_text(pair), "no private key"},
      {certificate_text(pair) + key_text(pair, "planted"), "password is wrong"},
      {certificate_text(pair) + key_text(other), "not that of the certificate"},
      {certificate_text(curve) + key_text(curve), "RSA"},
  };
  for (const auto& [pem, words] : rows) {
    const auto made = sign_assertion(pem, "wrong", kRequest);
    ASSERT_TRUE(std::holds_alternative<ConfigError>(made)) << words;
    EXPECT_THAT(std::get<ConfigError>(made).text, HasSubstr(words));
    EXPECT_THAT(std::get<ConfigError>(made).text, Not(HasSubstr("planted")));
  }
}

}  // namespace
}  // namespace amlnet
