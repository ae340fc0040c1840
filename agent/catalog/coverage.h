// The proof that the catalog keeps every row of the five documents it began from: for each row of a document
// the requirements that cover it, or the reason why no probe can. `amlnet requirements --doc` prints it,
// tests hold the catalog against it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/catalog/config_error.h"
#include "agent/catalog/requirement.h"

namespace amlnet {

/// One row of a document: a host, a service tag, or a rule in our words.
struct CoverageRow {
  enum class Kind { host, tag, rule };
  Kind kind = Kind::rule;
  std::string text;                       // the host as a pattern of the catalog, the tag, or the rule
  std::string at;                         // where it stands: headings
  std::string printed;                    // as the document prints it, where that differs
  std::string edition;                    // the day of a later edition that has it; "" is the document's own
  std::vector<Cloud> clouds;              // of a host; empty is all
  std::vector<std::uint16_t> ports;       // empty where the document gives none
  std::vector<std::string> requirements;  // ids; empty where `reason` says why
  std::string reason;
};

struct CoveredDocument {
  std::string name, title, date, url;     // "inbound-outbound-traffic", ...; date "" where it has none
  std::vector<std::string> other_titles;  // of its editions and translations
  std::vector<CoverageRow> rows;
};

/// The names that --doc takes, and the files below agent/catalog/coverage.
std::span<const std::string_view> covered_document_names();

/// Reads one such file. `name` is what errors call it.
std::variant<CoveredDocument, ConfigError> read_coverage(std::string_view json, const std::string& name);

/// The documents of this binary, in the order of the names.
const std::vector<CoveredDocument>& builtin_coverage();

/// What is wrong: a requirement that is not there or does not have the row's host, port, cloud or tag. One
/// line each, with the document and the row; empty where all is covered.
std::vector<std::string> coverage_problems(const CoveredDocument& document, const Catalog& catalog);

}  // namespace amlnet
