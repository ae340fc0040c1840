// The hosts and service tags of the catalog under the spellings that documentation prints them in. The
// comparison with newer documentation looks names up here. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/catalog/coverage.h"
#include "agent/catalog/documented_names.h"
#include "agent/catalog/requirement.h"

namespace amlnet {

/// What the catalog knows of one host or tag.
struct KnownName {
  std::set<Cloud> clouds;
  std::set<std::pair<Transport, std::uint16_t>> ports;  // empty where it knows none: any will do
  std::vector<std::string> requirements;

  bool has(const std::pair<Transport, std::uint16_t>& port) const;
};

/// A host or tag of an edition of a document.
struct BaselineName {
  bool tag = false;
  std::vector<std::string> spellings;  // the catalog's, and the document's where that differs
  std::vector<std::uint16_t> ports;
  std::vector<Cloud> clouds;  // those that the document names; empty where it names none
  std::vector<std::string> requirements;
};

class KnownNames {
 public:
  /// As of `day`, "" for the newest.
  KnownNames(const Catalog& catalog, const std::vector<CoveredDocument>& coverage, const std::string& day);

  /// Null where the catalog lacks it.
  const KnownName* find(bool tag, const std::string& printed) const;
  /// The requirements that had it, on another day than the one asked for.
  std::vector<std::string> ended(bool tag, const std::string& printed) const;
  /// The wildcard of the catalog that holds the host, "" where none does.
  std::string wildcard_of(const std::string& key) const;
  /// Whether `printed` is another spelling of the row.
  bool same(const BaselineName& row, const std::string& printed) const;

 private:
  using Names = std::map<std::string, KnownName>;

  void add_requirement(const Requirement& row, Names& hosts, Names& tags);
  void add_coverage(const CoverageRow& row);

  Names hosts_, tags_, ended_hosts_, ended_tags_;
  std::map<std::string, std::string> tag_names_;  // a printed spelling -> the catalog's
};

/// "storage" of "Storage.<region>": a tag without its region; a second word stays.
std::string short_tag(const std::string& tag);

/// The hosts and tags that `edition` of `document` had: its rows, and the tags for which the catalog quotes a
/// section of it.
std::vector<BaselineName> baseline_of(const CoveredDocument& document, const std::string& edition,
                                      const Catalog& catalog, const std::string& day);

}  // namespace amlnet
