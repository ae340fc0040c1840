#include "tests/probes/pki.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

namespace amlnet {
namespace {

std::shared_ptr<EVP_PKEY> make_key(int rsa_bits) {
  EVP_PKEY* key = rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned int>(rsa_bits)) : EVP_EC_gen("prime256v1");
  if (key == nullptr) throw std::runtime_error("no key");
  return {key, EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

std::string written(const std::function<void(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

}  // namespace

Issued issue(const Issued& issuer, const CertificateRequest& request) {
  static std::atomic<long> serial = 1000;
  Issued out{{X509_new(), X509_free}, make_key(request.rsa_bits)};
  X509* certificate = out.certificate.get();
  X509* signer = issuer.certificate ? issuer.certificate.get() : certificate;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), request.starts);
  X509_gmtime_adj(X509_getm_notAfter(certificate), request.ends);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  };
  add("O", "Example Trust");
  add("CN", request.common_name);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set_pubkey(certificate, out.key.get());
  add_extension(certificate, signer, NID_basic_constraints,
                request.authority ? "critical,CA:TRUE" : "CA:FALSE");
  add_extension(certificate, signer, NID_subject_key_identifier, "hash");
  add_extension(certificate, signer, NID_subject_alt_name, joined(request.names));
  add_extension(certificate, signer, NID_ext_key_usage, request.usage);
  if (!request.ocsp.empty()) add_extension(certificate, signer, NID_info_access, "OCSP;URI:" + request.ocsp);
  if (!request.crl.empty())
    add_extension(certificate, signer, NID_crl_distribution_points, "URI:" + request.crl);
  X509_sign(certificate, issuer.key ? issuer.key.get() : out.key.get(), EVP_sha256());
  return out;
}

std::string certificate_pem(const std::vector<Issued>& chain) {
  return written([&](BIO* bio) {
    for (const Issued& one : chain) PEM_write_bio_X509(bio, one.certificate.get());
  });
}

std::string key_pem(const Issued& issued) {
  return written([&](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, issued.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "amlnet-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  const std::filesystem::path path = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

}  // namespace amlnet
