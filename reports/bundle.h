// A support bundle: one report in three formats with what belongs to it, redacted, as the members of an
// archive. Pure: who calls reads the node's files and writes the archive. Used by the bundle command.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reports/archive.h"
#include "reports/model/report.h"
#include "reports/redact.h"

namespace amlnet {

/// A text of the node: a file, or what a command would say.
struct BundleText {
  std::string name;  // "resolv.conf"
  std::string what;  // one line for the manifest
  std::string content;
};

struct BundleInput {
  Report report;
  std::vector<BundleText> texts;
  std::vector<std::pair<std::string, std::string>>
      environment;                                            // variables of the allow-list with their values
  std::vector<std::pair<std::string, std::string>> left_out;  // what is not there, and why
  std::vector<std::string> secrets;                           // values that must not be anywhere
};

struct BundleRules {
  std::string redaction = "secrets";  // secrets, names, addresses or all
  std::string key;                    // random bytes, forgotten afterwards
  std::vector<std::string> public_names;
  std::string folder;  // that the members are in
  std::string made;    // RFC 3339
};

struct Bundle {
  std::vector<ArchiveMember> members;                 // the manifest first
  std::size_t secrets = 0, names = 0, addresses = 0;  // removed, replaced
};

struct BundleError {
  std::string text;  // "a canary survived in log.jsonl"
};

/// First the same is made of the input with canaries planted in every kind of it: secrets, names and
/// addresses made up for the purpose. If one of them, or one of `secrets`, survives anywhere, also as base64,
/// there is no bundle.
std::variant<Bundle, BundleError> make_bundle(const BundleInput& input, const BundleRules& rules);

/// Where `secret` stands in `content`, plain or inside base64.
bool survives(std::string_view content, std::string_view secret);

}  // namespace amlnet
