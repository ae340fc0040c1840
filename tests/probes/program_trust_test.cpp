// The trust stores of other programs: where they are looked for, and what they say of a chain. The keystores
// are keytool's (OpenJDK 17), of one root and a leaf that it signs.
#include "probes/program_trust.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "probes/certificate.h"
#include "probes/keystore.h"
#include "tests/probes/pki.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kStores = TEST_SOURCE_DIR "/probes/keystores/";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::shared_ptr<X509> certificate_in(const std::string& path) {
  const std::string pem = content(path);
  BIO* bytes = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* read = PEM_read_bio_X509(bytes, nullptr, nullptr, nullptr);
  BIO_free(bytes);
  return {read, X509_free};
}

std::string der_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

StoreVerdict judged(const std::string& path, const std::string& anchor = "") {
  ProgramTrust store({"Java " + path, path, ""});
  const auto leaf = certificate_in(kStores + "leaf.pem");
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, leaf.get());
  auto verdict = store.judge(chain, "leaf", anchor);
  sk_X509_free(chain);
  return verdict;
}

TEST(ProgramTrust, KeystoresOfJavaAreRead) {
  const auto root = certificate_in(kStores + "root.pem");
  for (const std::string name : {"root.jks", "root.p12", "both.jks"}) {
    const auto keystore = read_keystore(content(kStores + name));
    EXPECT_TRUE(keystore.is_one) << name;
    EXPECT_THAT(keystore.certificates, ElementsAre(der_of(root.get()))) << name;
    EXPECT_EQ(judged(kStores + name).code, X509_V_OK) << name;
    EXPECT_EQ(judged(kStores + name, der_of(root.get())).code, X509_V_OK) << name;
  }
  EXPECT_EQ(judged(kStores + "root.pem", der_of(root.get())).code, X509_V_OK);
}

TEST(ProgramTrust, WhatCannotBeReadSaysSo) {
  const auto sealed = judged(kStores + "sealed.p12");
  EXPECT_EQ(sealed.code, -1);
  EXPECT_THAT(sealed.text, HasSubstr("encrypted"));
  const auto missing = judged("/nonexistent/cacerts");
  EXPECT_EQ(missing.code, -1);
  EXPECT_THAT(missing.text, HasSubstr("No such file"));
  EXPECT_THAT(missing.text, testing::Not(HasSubstr("Java")));
}

TEST(ProgramTrust, AnotherRootIsNoRoot) {
  const TemporaryFolder folder;
  CertificateRequest other;
  other.common_name = "Other Root";
  other.authority = true;
  const auto path = folder.write("other.pem", certificate_pem({issue({}, other)}));
  EXPECT_EQ(judged(path).code, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST(ProgramTrust, BrokenKeystoresAreBounded) {
  const std::string jks = content(kStores + "both.jks"), p12 = content(kStores + "root.p12");
  for (std::size_t size = 0; size < jks.size(); ++size) read_keystore(jks.substr(0, size));
  for (std::size_t size = 0; size < p12.size(); ++size) read_keystore(p12.substr(0, size));
  for (std::size_t at = 4; at < jks.size(); ++at) {
    std::string changed = jks;
    changed[at] = '\xFF';
    EXPECT_LE(read_keystore(changed).certificates.size(), 2U);
  }
  EXPECT_FALSE(read_keystore("-----BEGIN CERTIFICATE-----").is_one);
  EXPECT_FALSE(read_keystore("").is_one);
}

class ProgramPlaces : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO",
                             "NODE_EXTRA_CA_CERTS", "VIRTUAL_ENV", "CONDA_PREFIX", "JAVA_HOME"})
      unsetenv(name);
    setenv("HOME", (folder.path() + "/home").c_str(), 1);
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (auto& source : find_program_trust(folder.path())) {
      const auto at = source.name.find(folder.path());
      found.push_back(at == std::string::npos ? source.name : source.name.erase(at, folder.path().size()));
    }
    return found;
  }
  TemporaryFolder folder;
};

TEST_F(ProgramPlaces, AnEmptyNodeHasNone) {
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ProgramPlaces, WhatProgramsReadIsFoundEachFileOnce) {
  const auto first = folder.write("anaconda/envs/a/lib/python3.8/site-packages/certifi/cacert.pem", "x");
  folder.write("anaconda/envs/b/lib/python3.10/site-packages/certifi/other.pem", "x");
  std::filesystem::create_hard_link(
      first, folder.path() + "/anaconda/envs/b/lib/python3.10/site-packages/certifi/cacert.pem");
  folder.write("usr/local/lib/python3.11/dist-packages/certifi/cacert.pem", "x");
  folder.write("usr/lib/python3/dist-packages/certifi/cacert.pem", "Debian's reads the node's own");
  folder.write("home/.local/lib/python3.9/site-packages/certifi/cacert.pem", "x");
  folder.write("etc/ssl/certs/java/cacerts", "x");
  std::filesystem::create_directories(folder.path() + "/usr/lib/jvm/one/lib/security");
  std::filesystem::create_symlink(folder.path() + "/etc/ssl/certs/java/cacerts",
                                  folder.path() + "/usr/lib/jvm/one/lib/security/cacerts");
  setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem", 1);
  EXPECT_THAT(names(),
              ElementsAre("REQUESTS_CA_BUNDLE /nowhere.pem", "Java /etc/ssl/certs/java/cacerts",
                          "certifi /home/.local/lib/python3.9/site-packages/certifi/cacert.pem",
                          "certifi /usr/local/lib/python3.11/dist-packages/certifi/cacert.pem",
                          "certifi /anaconda/envs/a/lib/python3.8/site-packages/certifi/cacert.pem"));
}

TEST_F(ProgramPlaces, ThereIsAnEnd) {
  for (int i = 0; i < 100; ++i)
    folder.write("azureml-envs/e" + std::to_string(i) + "/lib/python3.9/site-packages/certifi/cacert.pem",
                 "x");
  EXPECT_EQ(names().size(), 12U);
}

}  // namespace
}  // namespace amlnet
