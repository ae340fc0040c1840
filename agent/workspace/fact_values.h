// The facts that conditions of the catalog may ask for, by the path of their key in the workspace file, with
// the values each can have. The catalog's reader checks against this list, planning looks values up.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/workspace/workspace.h"

namespace amlnet {

/// The fact that is asked of each storage account by itself, in conditions of endpoints only.
inline constexpr std::string_view account_access_fact = "storage_accounts.access";

struct FactKind {
  std::string_view path;                     // "workspace.access"
  std::span<const std::string_view> values;  // "private", "public"; lists and names are "given" or "absent"
};

std::span<const FactKind> fact_kinds();
/// Null for a path that is no fact.
const FactKind* find_fact(std::string_view path);

/// The value, empty where the fact is absent. `account` is whose access is asked, null outside a storage
/// account.
std::optional<std::string> fact_value(const Workspace& workspace, std::string_view path,
                                      const StorageAccount* account = nullptr);

/// How a user gives a fact: "--region R, or \"region\" in the workspace file (--config FILE)".
std::string how_to_give(std::string_view path);

}  // namespace amlnet
