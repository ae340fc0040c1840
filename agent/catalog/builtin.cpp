#include <cstdlib>

#include "agent/catalog/catalog.h"
#include "agent/catalog/coverage.h"
#include "agent/catalog/embedded.h"

namespace amlnet {

// The build has read the same bytes with the same code: an error below is a broken binary.

const Catalog& builtin_catalog() {
  static const Catalog catalog = [] {
    auto read = read_catalog(embedded_catalog(), builtin_source);
    if (std::holds_alternative<ConfigError>(read)) std::abort();
    Catalog found = std::get<Catalog>(std::move(read));
    found.sha256 = embedded_catalog_sha256();
    return found;
  }();
  return catalog;
}

const std::vector<CoveredDocument>& builtin_coverage() {
  static const std::vector<CoveredDocument> documents = [] {
    std::vector<CoveredDocument> all;
    for (const std::string& file : embedded_coverage()) {
      auto read = read_coverage(file, "built-in");
      if (std::holds_alternative<ConfigError>(read)) std::abort();
      all.push_back(std::get<CoveredDocument>(std::move(read)));
    }
    return all;
  }();
  return documents;
}

}  // namespace amlnet
