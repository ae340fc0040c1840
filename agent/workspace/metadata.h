// The instance metadata service: what Azure tells a machine about itself. Asked directly, never through a
// proxy, before planning. https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
#pragma once

#include <optional>
#include <string>

#include "agent/workspace/workspace.h"
#include "probes/time.h"

namespace amlnet {

struct Metadata {
  std::optional<Cloud> cloud;
  std::string region;   // "eastus2"
  std::string vm_size;  // "Standard_DS3_v2"
};

/// Asks 169.254.169.254 and waits at most `budget` for everything. Empty when nothing there answers as the
/// service does: then this is no Azure machine, or the service is blocked.
std::optional<Metadata> ask_metadata(Milliseconds budget);

/// Reads the `compute` object of the service's JSON answer (hostile: anything may have answered). Empty when
/// it is none.
std::optional<Metadata> read_metadata(const std::string& json);

/// Fills region and cloud where they are not known yet, source "metadata".
void apply_metadata(Workspace& workspace, const Metadata& metadata);

}  // namespace amlnet
