// Secrets, names and addresses made up to be hidden: planted in every kind of input, none may be in what is
// written. Used by bundle.cpp.
#pragma once

#include <string>
#include <vector>

#include "reports/bundle.h"

namespace amlnet {

struct Canaries {
  std::string secret;             // of a variable
  std::string parameter, token;   // behind "sig=", a JSON web token
  std::string password;           // in a URL
  std::string host, label, word;  // "<label>.<..>.com", a name of the workspace
  std::string address4, address6;
  std::vector<std::string> hidden;  // what must not survive under the redaction asked for
};

Canaries canaries_for(const std::string& key, const Redaction& what);
/// The input with canaries in each kind of field that texts get into, and in each text.
BundleInput planted(BundleInput input, const Canaries& canaries);

}  // namespace amlnet
