// Facts that only services of the network give, kept from an earlier round of `amlnet watch` while those
// services say nothing: that one question got no answer is no change of a fact, and what is planned by it
// goes on being probed. Pure. Used by prepare and by the run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/workspace/workspace.h"

namespace amlnet {

/// What a round came to know.
struct EarlierFacts {
  std::string hostname;  // of the node that asked: another one is told other things
  Workspace workspace;
  std::string vm_size;  // only the metadata service tells it
};

enum class FactService { metadata, resource_manager };

/// Fills what is absent in `workspace` with the facts that `earlier` has from that service, now or in a
/// round before: their sources become "metadata (an earlier round)".
void recall_facts(Workspace& workspace, const Workspace& earlier, FactService service);

/// The facts that were recalled, "region (metadata)", by their paths; parts of a whole only where it was not.
std::vector<std::string> recalled_facts(const Workspace& workspace);

}  // namespace amlnet
