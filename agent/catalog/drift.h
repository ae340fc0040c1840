// What newer documentation adds to the catalog, drops from it and changes. `amlnet requirements --compare`
// prints it. Pure: the text of a page in, differences out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/coverage.h"
#include "agent/catalog/requirement.h"

namespace amlnet {

struct Difference {
  enum class Kind { added, dropped, changed };
  Kind kind = Kind::added;
  std::string name;  // the host or tag, as the page or else the catalog prints it; from a file: escape it
  std::string what;  // "port udp 5831 is new: the catalog has tcp 443", in our words
  int line = 0;      // in the page; 0 for what is not there
  std::vector<std::string> requirements;  // of the catalog, that it is about
};

struct Drift {
  std::string document;   // the name of the document that the page is a copy of, "" where nobody knows
  std::string edition;    // the day of the edition it was held against, "" where the document has none
  std::size_t needs = 0;  // hosts and tags that the page lists
  std::size_t rules = 0;  // of the document, which stand in sentences: nobody compared them
  std::vector<Difference> differences;
};

struct DriftOptions {
  std::string document;  // what the page is a copy of; "" goes by its titles
  std::string day;       // the catalog as of this day, "" is the newest
};

/// Compares one page. Drops can be told only of a page whose document is known. Nothing where the page lists
/// no host and no tag and is no document that is known: then it was not understood.
std::optional<Drift> compare_page(std::string_view markdown, const Catalog& catalog,
                                  const std::vector<CoveredDocument>& coverage, const DriftOptions& options);

}  // namespace amlnet
