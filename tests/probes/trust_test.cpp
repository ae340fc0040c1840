#include "probes/trust.h"

#include <gmock/gmock.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>

#include "probes/certificate.h"
#include "tests/probes/pki.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CertificateRequest authority(const std::string& name) {
  CertificateRequest out;
  out.common_name = name;
  out.authority = true;
  return out;
}

CertificateRequest leaf(const std::string& name) {
  CertificateRequest out;
  out.common_name = name;
  out.names = {"DNS:" + name};
  return out;
}

int judge(TrustStore& store, const std::vector<Issued>& chain) {
  STACK_OF(X509)* stack = sk_X509_new_null();
  std::string key;
  for (const Issued& one : chain) {
    sk_X509_push(stack, one.certificate.get());
    key += fingerprint(one.certificate.get());
  }
  const int code = store.judge(stack, key).code;
  sk_X509_free(stack);
  return code;
}

// The same by OpenSSL alone, as a client would.
int judge_by(X509_STORE* store, const std::vector<Issued>& chain) {
  STACK_OF(X509)* stack = sk_X509_new_null();
  for (const Issued& one : chain) sk_X509_push(stack, one.certificate.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, chain.front().certificate.get(), stack);
  X509_STORE_CTX_set_default(context, "ssl_server");
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(context), 1);
  const int code = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  sk_X509_free(stack);
  return code;
}

// The environment of one test, put back at its end.
class Trust : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
  }
  void TearDown() override { SetUp(); }

  TemporaryFolder folder;
};

TEST_F(Trust, TheFirstPlaceThatIsNamedWins) {
  folder.write("etc/pki/tls/certs/ca-bundle.crt", "x");
  folder.write("etc/ssl/cert.pem", "x");
  EXPECT_EQ(find_trust("", folder.path()).file, folder.path() + "/etc/pki/tls/certs/ca-bundle.crt");
  folder.write("etc/ssl/certs/ca-certificates.crt", "x");
  EXPECT_EQ(find_trust("", folder.path()).file, folder.path() + "/etc/ssl/certs/ca-certificates.crt");
  setenv("SSL_CERT_DIR", "/some/certs", 1);
  EXPECT_EQ(find_trust("", folder.path()).name, "SSL_CERT_DIR /some/certs");
  setenv("SSL_CERT_FILE", "/some/file.pem", 1);
  EXPECT_EQ(find_trust("", folder.path()).name, "SSL_CERT_FILE /some/file.pem, SSL_CERT_DIR /some/certs");
  EXPECT_EQ(find_trust("mine.pem", folder.path()).name, "--ca-file mine.pem");
}

TEST_F(Trust, ADirectoryIsTheLastResort) {
  folder.write("etc/ssl/certs/readme", "x");
  EXPECT_EQ(find_trust("", folder.path()).directories, folder.path() + "/etc/ssl/certs");
}

TEST_F(Trust, ANodeWithoutStoreSaysSo) {
  TrustStore store(find_trust("", folder.path()));
  EXPECT_THAT(store.problem(), HasSubstr("no trust store"));
  EXPECT_EQ(judge(store, {issue({}, leaf("a.test"))}), X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_F(Trust, UnreadableAndEmptyFilesAreProblems) {
  EXPECT_THAT(TrustStore({"s", "/nonexistent", ""}).problem(), HasSubstr("No such file"));
  EXPECT_THAT(TrustStore({"s", folder.path(), ""}).problem(), testing::Not(testing::IsEmpty()));
  for (const std::string content : {"", "hello", "-----BEGIN CERTIFICATE-----\n",
                                    "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"})
    EXPECT_THAT(TrustStore({"s", folder.write("f", content), ""}).problem(), HasSubstr("no certificate"))
        << content;
}

TEST_F(Trust, OneRootOfManyIsFound) {
  std::vector<Issued> roots;
  for (int i = 0; i < 20; ++i) roots.push_back(issue({}, authority("Root " + std::to_string(i))));
  TrustStore store({"s", folder.write("bundle.pem", "# a comment\n" + certificate_pem(roots)), ""});
  EXPECT_EQ(store.problem(), "");
  EXPECT_EQ(judge(store, {issue(roots[7], leaf("a.test"))}), X509_V_OK);
  EXPECT_EQ(judge(store, {issue(roots[19], leaf("b.test"))}), X509_V_OK);
  EXPECT_EQ(judge(store, {issue(issue({}, authority("Root 7")), leaf("c.test"))}),
            X509_V_ERR_CERT_SIGNATURE_FAILURE)
      << "the same name, another key";
  EXPECT_EQ(judge(store, {issue(issue({}, authority("Elsewhere")), leaf("d.test"))}),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(judge(store, {issue(roots[8], leaf("e.test"))}), X509_V_OK) << "after all the rest was parsed";
}

// A bundle may hold an intermediate too. Its own root is named by no certificate of the chain.
TEST_F(Trust, AnIntermediateInTheStoreLeadsToItsRoot) {
  const Issued root = issue({}, authority("Root"));
  const Issued middle = issue(root, authority("Middle"));
  TrustStore store({"s", folder.write("bundle.pem", certificate_pem({middle, root})), ""});
  EXPECT_EQ(judge(store, {issue(middle, leaf("a.test"))}), X509_V_OK);
}

// What is parsed of a bundle must not change what is said: here beside a store that has all of it.
TEST_F(Trust, TheVerdictIsThatOfTheWholeBundle) {
  const Issued root = issue({}, authority("Root")), other = issue({}, authority("Other"));
  const Issued same_name = issue({}, authority("Root"));
  const Issued spaced = issue({}, authority("  rOOT ")), middle = issue(root, authority("Middle"));
  const Issued deep = issue(middle, authority("Deep")), crossed = issue(other, authority("Middle"));
  const Issued lone = issue({}, leaf("lone.test"));
  Issued root_in_capitals = root;  // signs as "ROOT", which OpenSSL takes for "Root"
  root_in_capitals.certificate = issue({}, authority("ROOT")).certificate;
  const std::vector<std::vector<Issued>> chains = {
      {issue(root, leaf("a.test"))},
      {issue(root_in_capitals, leaf("b.test"))},
      {issue(middle, leaf("c.test"))},
      {issue(middle, leaf("d.test")), crossed},
      {issue(deep, leaf("e.test")), deep},
      {issue(deep, leaf("f.test")), deep, middle, root},
      {lone},
      {root},
      {issue(other, leaf("g.test")), other},
  };
  const std::vector<Issued> all = {root, other, same_name, spaced, middle, deep, crossed, lone};
  int valid = 0, distinct = 0;
  for (unsigned chosen = 0; chosen < 1U << all.size(); ++chosen) {
    std::vector<Issued> bundle = {issue({}, authority("Unrelated"))};
    X509_STORE* whole = X509_STORE_new();
    for (std::size_t i = 0; i < all.size(); ++i)
      if ((chosen >> i & 1U) != 0) bundle.push_back(all[i]);
    for (const Issued& one : bundle) X509_STORE_add_cert(whole, one.certificate.get());
    TrustStore store("s", certificate_pem(bundle));
    for (std::size_t i = 0; i < chains.size(); ++i) {
      const int code = judge(store, chains[i]);
      EXPECT_EQ(code, judge_by(whole, chains[i])) << "chain " << i << ", bundle " << chosen;
      valid += code == X509_V_OK ? 1 : 0;
      distinct += code == X509_V_ERR_CERT_SIGNATURE_FAILURE ? 1 : 0;
    }
    X509_STORE_free(whole);
  }
  EXPECT_GT(valid, 300);
  EXPECT_GT(distinct, 10);
}

TEST_F(Trust, ADirectoryOfHashedCertificatesServes) {
  const Issued root = issue({}, authority("Root"));
  char name[16];
  std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(root.certificate.get()));
  folder.write(name, certificate_pem({root}));
  TrustStore store({"s", "", folder.path()});
  EXPECT_EQ(judge(store, {issue(root, leaf("a.test"))}), X509_V_OK);
}

// The folder's certificates are OpenSSL's to find: where they lead on to the file, nobody tells.
TEST_F(Trust, AFolderLeadsOnToTheFile) {
  const Issued root = issue({}, authority("Root")), middle = issue(root, authority("Middle"));
  char name[16];
  std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(middle.certificate.get()));
  folder.write(name, certificate_pem({middle}));
  TrustStore store({"s", folder.write("roots.pem", certificate_pem({root})), folder.path()});
  EXPECT_EQ(judge(store, {issue(middle, leaf("a.test"))}), X509_V_OK);
}

TEST_F(Trust, AnOpensslTrustedBundleServes) {
  const Issued root = issue({}, authority("Root"));
  std::string pem = certificate_pem({root});
  for (std::size_t at = 0; (at = pem.find("CERTIFICATE-----", at)) != std::string::npos; at += 20)
    pem.insert(at, "TRUSTED ");
  TrustStore store({"s", folder.write("trusted.pem", pem), ""});
  EXPECT_EQ(store.problem(), "");
  EXPECT_EQ(judge(store, {issue(root, leaf("a.test"))}), X509_V_OK);
}

TEST_F(Trust, ALeafThatMayNotServeIsRefused) {
  const Issued root = issue({}, authority("Root"));
  TrustStore store({"s", folder.write("root.pem", certificate_pem({root})), ""});
  CertificateRequest request = leaf("a.test");
  request.usage = "clientAuth";
  EXPECT_EQ(judge(store, {issue(root, request)}), X509_V_ERR_INVALID_PURPOSE);
  request.usage = "serverAuth";
  EXPECT_EQ(judge(store, {issue(root, request)}), X509_V_OK);
}

TEST_F(Trust, OnlyAnAuthorityMaySign) {
  const Issued root = issue({}, authority("Root"));
  TrustStore store({"s", folder.write("root.pem", certificate_pem({root})), ""});
  const Issued no_authority = issue(root, leaf("middle.test"));
  EXPECT_EQ(judge(store, {issue(no_authority, leaf("a.test")), no_authority}), X509_V_ERR_INVALID_CA);
}

// ---- certificates as plain data --------------------------------------------------------------------------

Certificate read(const Issued& issued) {
  return read_certificate(issued.certificate.get(), fingerprint(issued.certificate.get()));
}

TEST(Certificates, AllFieldsAreRead) {
  const Issued root = issue({}, authority("Root"));
  CertificateRequest request = leaf("a.test");
  request.names.push_back("IP:::1");
  request.names.push_back("email:x@a.test");
  request.ocsp = "http://ocsp.a.test/";
  request.crl = "http://crl.a.test/c.crl";
  request.rsa_bits = 2048;
  const Certificate out = read(issue(root, request));
  EXPECT_EQ(out.sha256.size(), 64U);
  EXPECT_EQ(out.subject, "CN=a.test,O=Example Trust");
  EXPECT_EQ(out.issuer, "CN=Root,O=Example Trust");
  EXPECT_EQ(out.subject_cn, "a.test");
  EXPECT_THAT(out.names, ElementsAre("a.test", "::1"));
  EXPECT_EQ(out.not_after - out.not_before, 86400 + 3600);
  EXPECT_EQ(out.key, "RSA 2048");
  EXPECT_FALSE(out.is_ca);
  EXPECT_FALSE(out.self_signed);
  EXPECT_THAT(out.ocsp, ElementsAre("http://ocsp.a.test/"));
  EXPECT_THAT(out.crl, ElementsAre("http://crl.a.test/c.crl"));
  EXPECT_FALSE(out.serial.empty());
  const Certificate ca = read(root);
  EXPECT_TRUE(ca.is_ca);
  EXPECT_TRUE(ca.self_signed);
  EXPECT_EQ(ca.key, "EC P-256");
}

TEST(Certificates, HostileTextIsEscapedAndBounded) {
  CertificateRequest request;
  request.common_name =
      "a\x1b[2J\n\xe2\x80\xae"
      "b\xc3\xbc";
  for (int i = 0; i < 300; ++i) request.names.push_back("DNS:n" + std::to_string(i) + ".test");
  const Certificate out = read(issue({}, request));
  EXPECT_EQ(out.subject_cn,
            "a\\x1B[2J\\x0A\\xE2\\x80\\xAE"
            "b\xc3\xbc");
  EXPECT_THAT(out.subject, testing::Not(HasSubstr("\n")));
  EXPECT_EQ(out.names.size(), 100U);
}

TEST(Certificates, PrintableTextIsValidUtf8) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("\xc3\xbc\xe4\xb8\xad\xf0\x9f\x94\x92"), "\xc3\xbc\xe4\xb8\xad\xf0\x9f\x94\x92");
  EXPECT_EQ(printable("\xc3"), "\\xC3");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xC0\\xAF") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80") << "surrogate";
  EXPECT_EQ(printable(std::string("a\0b", 3)),
            "a\\x00"
            "b");
  EXPECT_EQ(printable(std::string(5000, 'x')).size(), 1024U);
  EXPECT_LE(printable(std::string(5000, '\x01')).size(), 1024U);
}

}  // namespace
}  // namespace amlnet
