// The catalog: reads and validates its JSON, and gives the one that is compiled in. Errors name the file, the
// line or the path of the key, what was expected and what to write.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "agent/catalog/config_error.h"
#include "agent/catalog/requirement.h"

namespace amlnet {

/// Reads a catalog. `name` is what errors call it.
std::variant<Catalog, ConfigError> read_catalog(std::string_view json, const std::string& name);

/// The catalog of this binary. It was validated when the program was built.
const Catalog& builtin_catalog();

/// What Requirement::source of the compiled-in rows is.
inline constexpr const char* builtin_source = "built-in";

/// `base` with the requirements of `more` added; equal ids replace those of `base`. Then the levels that
/// `more` sets hold, whatever the row says of its level; one for an id that is in neither is an error.
std::variant<Catalog, ConfigError> merge_catalogs(Catalog base, const Catalog& more);

}  // namespace amlnet
