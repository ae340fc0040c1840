// Where other programs of this node keep the roots that they judge by: what the environment names for them,
// Python's copies of certifi, Java's keystores. Used by program_stores, which reads them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace amlnet {

/// The name begins with who reads it: "REQUESTS_CA_BUNDLE /x.pem", "certifi /opt/...", "Java /etc/...".
struct StorePlace {
  std::string name;
  std::string path;
  bool operator==(const StorePlace&) const = default;
};

/// What the environment says. `root` prefixes the well-known paths (tests).
struct ProgramPlaces {
  std::string root;
  std::vector<StorePlace> named;     // by variables: files or folders, whether they exist or not
  std::vector<std::string> pythons;  // prefixes
  std::string java_home;
  bool operator==(const ProgramPlaces&) const = default;
};

/// Looks at no file, and at the environment at once, so that a thread may do what comes next.
ProgramPlaces program_places(const std::string& root);

/// The files that exist beside those named, each once; with these, at most twelve. Looks at some hundred
/// well-known paths and reads no file. A mount that is dead holds it up: `looking_at` is told before it looks
/// where only the environment leads ("certifi PREFIX", "Java HOME"), and "" afterwards.
std::vector<StorePlace> find_program_trust(const ProgramPlaces& places,
                                           const std::function<void(const std::string&)>& looking_at);

}  // namespace amlnet
