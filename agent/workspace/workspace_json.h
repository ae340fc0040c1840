// The workspace as the report shows it: the workspace file's own keys, and where each fact came from.
#pragma once

#include <nlohmann/json.hpp>

#include "agent/workspace/workspace.h"

namespace amlnet {

/// Contract section 2, absent facts left out, plus "sources": fact path -> source. Without "sources" it is a
/// valid workspace file.
nlohmann::ordered_json workspace_json(const Workspace& workspace);

}  // namespace amlnet
