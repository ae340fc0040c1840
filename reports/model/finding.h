// A finding: one root cause, with its evidence, what else it could be, and how to mend it. Diagnosis makes
// them, every writer shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

enum class Severity { blocking, warning, info };
enum class Confidence { certain, likely, candidate };
std::string_view name_of(Severity);
std::string_view name_of(Confidence);

struct DocLink {
  std::string title;
  std::string url;
};

/// A sentence with the facts in it, and the probe it was read from ("p12"; empty for facts of the node or its
/// files).
struct EvidenceLine {
  std::string probe;
  std::string text;
};

/// What else would look like this, and what would tell them apart.
struct Alternative {
  std::string cause;
  std::string text;
};

struct Fix {
  std::string summary;
  std::vector<std::string> steps;
  std::vector<DocLink> docs;
};

struct Finding {
  std::string id;     // "F1"
  std::string cause;  // a code of the closed list, "dns.private-zone-not-linked"
  Severity severity = Severity::info;
  Confidence confidence = Confidence::candidate;
  std::string title;                      // one line: the subject and what is wrong
  std::string subject;                    // the grouping key: a server, a zone, an issuer, a host, "node"
  std::vector<std::string> endpoints;     // "host:port"
  std::vector<std::string> requirements;  // ids
  std::vector<EvidenceLine> evidence;
  std::vector<Alternative> alternatives;
  Fix fix;
};

}  // namespace amlnet
