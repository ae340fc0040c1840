// Sends what an upload wants to send, over the run's own event loop, resolver, proxies, roots and identities.
// Used by the bundle command.
#pragma once

#include <functional>
#include <string>

#include "agent/run/run.h"
#include "agent/upload/upload.h"

namespace amlnet {

/// Gets a token where the URL has no SAS, then sends request after request until all is there, the network or
/// storage fails one, or SIGINT or SIGTERM comes, which gives `given_up`. Of `options` it takes the timeout
/// of an attempt, nameservers, roots, proxies and identity. `prompt` tells the person at the terminal what to
/// do.
UploadEnd send_upload(Upload& upload, const Node& node, const RunOptions& options,
                      const std::function<void(const std::string&)>& prompt);

}  // namespace amlnet
