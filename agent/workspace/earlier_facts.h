// Facts that only services of the network give, kept from an earlier round of `amlnet watch` while those
// services say nothing: that one question got no answer is no change of a fact, and what is planned by it
// goes on being probed. Pure. Used by prepare and by the run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/workspace/resource_manager.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

/// What a round came to know.
struct EarlierFacts {
  std::string hostname;  // of the node that asked: another one is told other things
  Workspace workspace;
  std::string vm_size;  // only the metadata service tells it
};

/// Fills what is absent in `workspace` with what the metadata service told `earlier`, a round of this node
/// or one before that: the sources become "metadata (an earlier round)".
void recall_metadata_facts(Workspace& workspace, const Workspace& earlier);

/// The same of Resource Manager, as far as it told them by resources that are `silent` now. The others have
/// been answered, and what they do not say holds no more. Where the workspace's own is silent, all are: it
/// names them. Nothing of another workspace, and of a compute nothing of one with another name.
void recall_resource_facts(Workspace& workspace, const Workspace& earlier,
                           const std::set<ResourceKind>& silent);

/// The facts that were recalled, "region (metadata)", by their paths; parts of a whole only where it was not.
std::vector<std::string> recalled_facts(const Workspace& workspace);

}  // namespace amlnet
