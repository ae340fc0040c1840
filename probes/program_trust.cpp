#include "probes/program_trust.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "probes/variable.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostStores = 12, kMostEntries = 64;

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
  explicit Stores(std::size_t most) : most_(most) {}
  void add(const std::string& reader, const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || found_.size() >= most_) return;
    if (seen_.insert({file.st_dev, file.st_ino}).second) found_.push_back({reader + " " + path, path});
  }
  std::vector<StorePlace> take() { return std::move(found_); }

 private:
  std::size_t most_;
  std::set<std::pair<dev_t, ino_t>> seen_;  // environments of Anaconda share files by hard links
  std::vector<StorePlace> found_;
};

void add_python(Stores& stores, const std::string& prefix) {
  for (const auto& name : entries_of(prefix + "/lib")) {
    if (!name.starts_with("python3")) continue;
    for (const auto* packages : {"site-packages", "dist-packages"})
      stores.add("certifi", prefix + "/lib/" + name + "/" + packages + "/certifi/cacert.pem");
  }
}

void add_own(Stores& stores, const ProgramPlaces& places,
             const std::function<void(const std::string&)>& looking_at) {
  if (!places.java_home.empty()) {
    looking_at("Java " + places.java_home);
    stores.add("Java", places.java_home + "/lib/security/cacerts");
  }
  for (const auto& prefix : places.pythons) {
    looking_at("certifi " + prefix);
    add_python(stores, prefix);
  }
  looking_at("");
}

void add_pythons(Stores& stores, const ProgramPlaces& places) {
  for (const auto& python : kPythons) add_python(stores, places.root + std::string(python));
  for (const auto& environments : kEnvironments) {
    const auto folder = places.root + std::string(environments);
    for (const auto& name : entries_of(folder)) add_python(stores, folder + "/" + name);
  }
}

void add_java(Stores& stores, const ProgramPlaces& places) {
  for (const auto& store : kJavaStores) stores.add("Java", places.root + std::string(store));
  for (const auto& name : entries_of(places.root + "usr/lib/jvm"))
    stores.add("Java", places.root + "usr/lib/jvm/" + name + "/lib/security/cacerts");
}

}  // namespace

ProgramPlaces program_places(const std::string& root) {
  ProgramPlaces places;
  places.root = root.ends_with('/') ? root : root + "/";
  for (const auto* name : kVariables)
    if (const auto path = environment_variable(name); !path.empty())
      places.named.push_back({std::string(name) + " " + path, path});
  for (const auto* name : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const auto prefix = environment_variable(name); !prefix.empty()) places.pythons.push_back(prefix);
  if (const auto home = environment_variable("HOME"); !home.empty())
    places.pythons.push_back(home + "/.local");
  places.java_home = environment_variable("JAVA_HOME");
  return places;
}

std::vector<StorePlace> find_program_trust(const ProgramPlaces& places,
                                           const std::function<void(const std::string&)>& looking_at) {
  Stores stores(kMostStores - std::min(kMostStores, places.named.size()));
  add_own(stores, places, looking_at);
  add_java(stores, places);
  add_pythons(stores, places);
  return stores.take();
}

}  // namespace amlnet
