// Whether a condition of the catalog holds for a workspace, and the words that say why. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/catalog/requirement.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

struct Decision {
  enum class Answer { no, undecided, yes };
  Answer answer = Answer::yes;
  std::string because;  // "compute.kind is instance; workspace.access is private"; "" without conditions
  std::vector<std::string> missing;  // facts that would decide it
};

/// `account` is the storage account that "storage_accounts.access" asks about, null outside one. A condition
/// that is already false stays false whatever is missing.
Decision decide(const Condition& condition, const Workspace& workspace,
                const StorageAccount* account = nullptr);

}  // namespace amlnet
