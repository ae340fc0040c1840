// The catalog that a command works with: the built-in one, the organization's own files and those of
// --catalog. Every command that needs requirements begins here.
#pragma once

#include <string>
#include <variant>

#include "agent/catalog/catalog.h"
#include "agent/commands/options.h"

namespace amlnet {

/// Where an organization puts requirements for all its nodes.
inline constexpr const char* catalog_folder = "/etc/amlnet/catalog.d";

/// The built-in catalog, with every NAME.json of `folder` merged in in the order of names, then the files of
/// --catalog in the order given. A folder that is not there is an empty one; names that begin with a dot are
/// left out, as the shell's *.json does. What cannot be read or used is an error: nothing is passed over.
std::variant<Catalog, ConfigError> load_catalog(const CheckOptions& options,
                                                const std::string& folder = catalog_folder);

}  // namespace amlnet
