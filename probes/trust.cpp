// A system bundle holds some 140 roots, and OpenSSL 3 needs 0.14 ms to parse each: 20 ms and 1 MB for the two
// or three roots that a run needs. So a bundle is only decoded from PEM and indexed by subject name (1 ms),
// and a root is parsed when a chain names it as an issuer. Where that does not give a valid chain, whatever
// else OpenSSL could find for it is parsed and the chain is judged again: the verdict is always that of the
// whole store.
#include "probes/trust.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "probes/certificate_file.h"
#include "probes/variable.h"

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
  std::multimap<std::string, std::string, std::less<>> waiting;  // subject to certificate, both DER
  std::multimap<unsigned long, std::string> rest;                // of those that no chain has named so far
  std::vector<unsigned long> issuers;                            // of the parsed ones
  bool beside_directories = false;

  ~Roots() { X509_STORE_free(store); }

  void parse(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    X509* root = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
    if (root == nullptr) return;
    X509_STORE_add_cert(store, root);
    if (const auto issuer = name_hash(X509_get_issuer_name(root))) issuers.push_back(*issuer);
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

  /// OpenSSL looks a certificate up by its subject alone: of the chain's certificates themselves, of their
  /// issuers, and of the issuers of what it has found so. False where there is no such further one.
  bool parse_what_could_be_found(STACK_OF(X509) * chain) {
    hash_waiting();
    const std::size_t before = rest.size();
    if (beside_directories) {  // where OpenSSL finds some that lead on, unseen by us
      for (const auto& [hash, der] : rest) parse(der);
      rest.clear();
    }
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      const X509* certificate = sk_X509_value(chain, i);
      for (const X509_NAME* name : {X509_get_subject_name(certificate), X509_get_issuer_name(certificate)})
        if (const auto hash = name_hash(name)) parse_named(*hash);
    }
    for (std::size_t i = 0; i < issuers.size(); ++i) parse_named(issuers[i]);  // which grow meanwhile
    return rest.size() < before;
  }

 private:
  void hash_waiting() {
    for (auto& [subject, der] : waiting) {
      if (const auto hash = name_hash(subject))
        rest.emplace(*hash, std::move(der));
      else
        parse(der);
    }
    waiting.clear();
  }

  void parse_named(unsigned long hash) {
    const auto [first, last] = rest.equal_range(hash);
    for (auto at = first; at != last; ++at) parse(at->second);
    rest.erase(first, last);
  }
};

namespace {

// OpenSSL's own kind of PEM, with trust settings: rare, and read by OpenSSL alone.
bool is_trusted_pem(std::string_view content) {
  return content.find("-----BEGIN TRUSTED CERTIFICATE-----") != std::string_view::npos;
}

std::string load_trusted_pem(std::string_view content, X509_STORE* store) {
  BIO* bytes = BIO_new_mem_buf(content.data(), static_cast<int>(content.size()));
  STACK_OF(X509_INFO)* found = PEM_X509_INFO_read_bio(bytes, nullptr, nullptr, nullptr);
  int count = 0;
  for (int i = 0; i < sk_X509_INFO_num(found); ++i) {
    X509* certificate = sk_X509_INFO_value(found, i)->x509;
    if (certificate != nullptr) count += X509_STORE_add_cert(store, certificate);
  }
  sk_X509_INFO_pop_free(found, X509_INFO_free);
  BIO_free(bytes);
  return count > 0 ? "" : "no certificate in it";
}

}  // namespace

// Why `content` gives no roots, or "".
std::string TrustStore::load(std::string_view content, Roots& roots) {
  if (is_trusted_pem(content)) return load_trusted_pem(content, roots.store);
  std::string why;
  for (std::string& der : certificates_in(content, why)) {
    std::string subject(subject_of(der));
    roots.waiting.emplace(std::move(subject), std::move(der));
  }
  return why;
}

TrustSource find_trust(const std::string& ca_file, const std::string& root) {
  if (!ca_file.empty()) return {"--ca-file " + ca_file, ca_file, ""};
  const std::string file = environment_variable("SSL_CERT_FILE"),
                    directories = environment_variable("SSL_CERT_DIR");
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
  if (!source_.file.empty()) {
    const CertificateFile file = read_certificate_file(source_.file, kBundleLimit);
    why = file.problem.empty() ? load(file.content, *roots_) : file.problem;
  }
  roots_->beside_directories = !source_.directories.empty();
  if (roots_->beside_directories && X509_STORE_load_path(roots_->store, source_.directories.c_str()) != 1)
    why = "cannot be used as a directory of certificates";
  if (!why.empty()) problem_ = fmt::format("{}: {}", source_.name, why);
  ERR_clear_error();
}

TrustStore::TrustStore(std::string name, std::string_view content)
    : source_{std::move(name), "", ""}, roots_(std::make_unique<Roots>()) {
  problem_ = load(content, *roots_);
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
  if (judged.verdict.code != X509_V_OK && roots_->parse_what_could_be_found(chain))
    judged.verdict = verify(roots_->store, chain, source_.name, judged.anchor);
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
