#include "probes/program_trust.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace amlnet {
namespace {

constexpr std::size_t kMostStores = 12, kMostEntries = 64;
constexpr std::uintmax_t kLargestFile = 4U << 20U;

// What requests, curl, pip, git and Node.js read; SSL_CERT_FILE and SSL_CERT_DIR are the node's own store.
constexpr std::array<const char*, 5> kVariables = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT",
                                                   "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS"};

// Where Pythons live that have a certifi of their own: Anaconda as on an Azure ML compute, the usual images.
// Not what distributions package: theirs reads the node's store.
constexpr std::array<std::string_view, 7> kPythons = {
    "usr/local", "anaconda", "opt/conda", "miniconda", "opt/miniconda", "opt/miniconda3", "opt/venv"};
constexpr std::array<std::string_view, 5> kEnvironments = {
    "anaconda/envs", "opt/conda/envs", "opt/miniconda/envs", "opt/miniconda3/envs", "azureml-envs"};
constexpr std::array<std::string_view, 2> kJavaStores = {"etc/ssl/certs/java/cacerts",
                                                         "etc/pki/ca-trust/extracted/java/cacerts"};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The names in a folder, sorted, so that every run looks at the same ones.
std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (names.size() >= kMostEntries) break;
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Stores {
 public:
  void add(const std::string& reader, const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || full()) return;
    if (seen_.insert({file.st_dev, file.st_ino}).second) found_.push_back({reader + " " + path, path, ""});
  }
  void add_named(const char* name, const std::string& path) {
    std::error_code error;
    const bool folder = std::filesystem::is_directory(path, error);
    found_.push_back({std::string(name) + " " + path, folder ? "" : path, folder ? path : ""});
  }
  bool full() const { return found_.size() >= kMostStores; }
  std::vector<TrustSource> take() { return std::move(found_); }

 private:
  std::set<std::pair<dev_t, ino_t>> seen_;  // environments of Anaconda share files by hard links
  std::vector<TrustSource> found_;
};

void add_python(Stores& stores, const std::string& prefix) {
  for (const auto& name : entries_of(prefix + "/lib")) {
    if (!name.starts_with("python3")) continue;
    for (const auto* packages : {"site-packages", "dist-packages"})
      stores.add("certifi", prefix + "/lib/" + name + "/" + packages + "/certifi/cacert.pem");
  }
}

void add_pythons(Stores& stores, const std::string& base) {
  for (const auto* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const auto prefix = variable(name); !prefix.empty()) add_python(stores, prefix);
  if (const auto home = variable("HOME"); !home.empty()) add_python(stores, home + "/.local");
  for (const auto& python : kPythons) add_python(stores, base + std::string(python));
  for (const auto& environments : kEnvironments) {
    const auto folder = base + std::string(environments);
    for (const auto& name : entries_of(folder)) add_python(stores, folder + "/" + name);
  }
}

void add_java(Stores& stores, const std::string& base) {
  if (const auto home = variable("JAVA_HOME"); !home.empty())
    stores.add("Java", home + "/lib/security/cacerts");
  for (const auto& store : kJavaStores) stores.add("Java", base + std::string(store));
  for (const auto& name : entries_of(base + "usr/lib/jvm"))
    stores.add("Java", base + "usr/lib/jvm/" + name + "/lib/security/cacerts");
}

std::string read_whole(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kLargestFile) return {};
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// The certificate as PEM files hold it: lines of 64 characters (RFC 7468).
std::string pem_body(const std::string& der) {
  std::string text(4 * ((der.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(der.data()), static_cast<int>(der.size()));
  text.pop_back();
  for (std::size_t at = 64; at < text.size(); at += 65) text.insert(at, 1, '\n');
  return text;
}

}  // namespace

std::vector<TrustSource> find_program_trust(const std::string& root) {
  Stores stores;
  const std::string base = root.ends_with('/') ? root : root + "/";
  for (const auto* name : kVariables)
    if (const auto path = variable(name); !path.empty()) stores.add_named(name, path);
  add_java(stores, base);
  add_pythons(stores, base);
  return stores.take();
}

bool ProgramTrust::holds(const std::string& anchor) {
  if (anchor.empty() || source_.file.empty()) return false;
  const auto [known, fresh] = held_.try_emplace(anchor, false);
  if (!fresh) return known->second;
  const auto bytes = read_whole(source_.file);
  // PEM, or a keystore, where it stands as it is
  known->second =
      bytes.find(pem_body(anchor)) != std::string::npos || bytes.find(anchor) != std::string::npos;
  return known->second;
}

StoreVerdict ProgramTrust::judge(STACK_OF(X509) * chain, const std::string& key, const std::string& anchor) {
  if (holds(anchor)) return {source_.name, X509_V_OK, X509_verify_cert_error_string(X509_V_OK)};
  if (!store_) store_ = std::make_unique<TrustStore>(source_);
  if (store_->problem().empty()) return store_->judge(chain, key);
  const auto& problem = store_->problem();
  const bool named = problem.starts_with(source_.name + ": ");
  return {source_.name, -1, named ? problem.substr(source_.name.size() + 2) : problem};
}

}  // namespace amlnet
