// The stages an endpoint goes through, by its protocol. Used by the writers: plan_json and the rows of the
// terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"

namespace amlnet {

/// In order. A numeric host needs no dns stage. Empty for a protocol that is not tls, https, wss, http,
/// tcp or udp.
std::vector<ProbeKind> stages_of(std::string_view protocol, std::string_view host);

/// "ci1.eastus2.instances.azureml.ms:443", "[fd00::4]:443".
std::string endpoint_name(std::string_view host, int port);

}  // namespace amlnet
