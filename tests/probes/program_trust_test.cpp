// The trust stores of other programs: where they are looked for, and what they say of a chain. The keystores
// are keytool's (OpenJDK 17), of one root and a leaf that it signs.
#include "probes/program_trust.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

#include "probes/certificate.h"
#include "probes/keystore.h"
#include "probes/program_stores.h"
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

ProgramStores stores_at(std::vector<StorePlace> named) {
  ProgramPlaces places;
  places.root = "/nonexistent/";
  places.named = std::move(named);
  return ProgramStores(StoreReader(places));
}

std::vector<ProgramVerdicts> judged_by(ProgramStores& stores) {
  return stores.judge(Clock::now() + std::chrono::minutes(5));
}

StoreVerdict judged(const std::string& path, const std::string& anchor = "") {
  ProgramStores stores = stores_at({{"Java " + path, path}});
  const auto leaf = certificate_in(kStores + "leaf.pem");
  STACK_OF(X509)* chain = sk_X509_new_null();
  sk_X509_push(chain, leaf.get());
  stores.note(chain, {"leaf"}, anchor);
  sk_X509_free(chain);
  return judged_by(stores).at(0).verdicts.at(0);
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

TEST(ProgramTrust, AFolderMadeByRehashIsRead) {
  const TemporaryFolder folder;
  const auto root = certificate_in(kStores + "root.pem");
  char name[16];
  std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(root.get()));
  folder.write("root.pem", content(kStores + "root.pem"));
  EXPECT_EQ(judged(folder.path()).code, -1) << "OpenSSL looks at no other name";
  folder.write(name, content(kStores + "root.pem"));
  EXPECT_EQ(judged(folder.path()).code, X509_V_OK);
}

TEST(ProgramTrust, AnIssuerIsAskedAboutOnce) {
  ProgramStores stores = stores_at({{"Java a", kStores + "root.jks"}, {"Java b", "/nonexistent"}});
  const auto leaf = certificate_in(kStores + "leaf.pem");
  STACK_OF(X509)* chain = sk_X509_new_null();
  EXPECT_FALSE(stores.is_new_issuer(chain));
  sk_X509_push(chain, leaf.get());
  EXPECT_TRUE(stores.is_new_issuer(chain));
  EXPECT_FALSE(stores.is_new_issuer(chain));
  stores.note(chain, {"leaf"}, "");
  sk_X509_free(chain);
  const auto all = judged_by(stores);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].chain, ElementsAre("leaf"));
  ASSERT_EQ(all[0].verdicts.size(), 2U);
  EXPECT_EQ(all[0].verdicts[0].store, "Java a");
  EXPECT_EQ(all[0].verdicts[0].code, X509_V_OK);
  EXPECT_EQ(all[0].verdicts[1].store, "Java b");
  EXPECT_THAT(judged_by(stores), IsEmpty());
}

// A mount that is dead: the file behind it is named, those before it are judged, and no further thread is
// lost to it.
TEST(ProgramTrust, AStoreThatIsNotReadInTimeSaysSo) {
  std::promise<void> mount;
  const auto answers = mount.get_future().share();
  std::atomic<int> started = 0;
  ProgramPlaces places;
  places.root = "/nonexistent/";
  places.named = {{"CURL_CA_BUNDLE a", "a"}, {"PIP_CERT b", "b"}, {"GIT_SSL_CAINFO c", "c"}};
  const auto read = [&started, answers](const std::string& path) {
    if (path == "a") return CertificateFile{"of a", ""};
    ++started;
    answers.wait();
    return CertificateFile{"of " + path, ""};
  };
  const StoreReader reader(places, read);
  while (started == 0) std::this_thread::yield();
  auto stores = reader.wait(Clock::now());
  ASSERT_EQ(stores.size(), 2U);
  EXPECT_EQ(stores[0].name, "CURL_CA_BUNDLE a");
  EXPECT_EQ(stores[0].file->content, "of a");
  EXPECT_EQ(stores[1].name, "PIP_CERT b");
  EXPECT_THAT(stores[1].file->problem, HasSubstr("does not answer"));
  const StoreReader next(places, read);
  EXPECT_EQ(next.wait(Clock::now()).size(), 2U);
  EXPECT_EQ(started, 1);
  mount.set_value();
  stores = next.wait(Clock::now() + std::chrono::minutes(5));
  ASSERT_EQ(stores.size(), 3U);
  EXPECT_EQ(stores[1].file->content, "of b");
  EXPECT_EQ(stores[1].file->problem, "");
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
    const auto places = program_places(folder.path());
    auto all = places.named;
    for (auto& place : find_program_trust(places, [](const std::string&) {})) all.push_back(std::move(place));
    for (auto& place : all) {
      const auto at = place.name.find(folder.path());
      found.push_back(at == std::string::npos ? place.name : place.name.erase(at, folder.path().size()));
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
              ElementsAre("REQUESTS_CA_BUNDLE /nowhere.pem",
                          "certifi /home/.local/lib/python3.9/site-packages/certifi/cacert.pem",
                          "Java /etc/ssl/certs/java/cacerts",
                          "certifi /usr/local/lib/python3.11/dist-packages/certifi/cacert.pem",
                          "certifi /anaconda/envs/a/lib/python3.8/site-packages/certifi/cacert.pem"));
}

TEST_F(ProgramPlaces, WhereTheEnvironmentLeadsIsToldBeforeItIsLookedAt) {
  setenv("JAVA_HOME", "/share/jdk", 1);
  setenv("VIRTUAL_ENV", "/share/venv", 1);
  std::vector<std::string> told;
  find_program_trust(program_places(folder.path()),
                     [&told](const std::string& name) { told.push_back(name); });
  unsetenv("JAVA_HOME");
  unsetenv("VIRTUAL_ENV");
  EXPECT_THAT(told, ElementsAre("Java /share/jdk", "certifi /share/venv",
                                "certifi " + folder.path() + "/home/.local", ""));
}

TEST_F(ProgramPlaces, ThereIsAnEnd) {
  for (int i = 0; i < 100; ++i)
    folder.write("azureml-envs/e" + std::to_string(i) + "/lib/python3.9/site-packages/certifi/cacert.pem",
                 "x");
  EXPECT_EQ(names().size(), 12U);
}

}  // namespace
}  // namespace amlnet
