// The workspace file (contract section 2): read whole and strictly, so that a misspelt key is an error that
// names the right one and not a fact silently lost.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "agent/catalog/config_error.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

/// Reads a workspace file. `name` is what errors call it and what `sources` says: "file NAME". Errors give
/// the path of the key, what was expected and the nearest spelling; syntax errors give line and column.
std::variant<Workspace, ConfigError> read_workspace_file(std::string_view text, const std::string& name);

}  // namespace amlnet
