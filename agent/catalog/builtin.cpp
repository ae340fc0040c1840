#include <cstdlib>

#include "agent/catalog/catalog.h"
#include "agent/catalog/embedded.h"

namespace amlnet {

const Catalog& builtin_catalog() {
  static const Catalog catalog = [] {
    auto read = read_catalog(embedded_catalog(), "built-in");
    // The build has read the same bytes with the same code: an error here is a broken binary.
    if (std::holds_alternative<ConfigError>(read)) std::abort();
    Catalog found = std::get<Catalog>(std::move(read));
    found.sha256 = embedded_catalog_sha256();
    return found;
  }();
  return catalog;
}

}  // namespace amlnet
