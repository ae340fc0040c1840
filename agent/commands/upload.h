// `amlnet bundle --upload`: sends a bundle that is there as a file, with retries. The file stays.
#pragma once

#include <optional>
#include <string>

#include "agent/catalog/config_error.h"
#include "agent/commands/options.h"

namespace amlnet {

/// Why --upload cannot work whatever the network does: no SAS, and no identity is configured.
std::optional<ConfigError> cannot_upload(const CheckOptions& options);

/// The bytes of a bundle; nothing for any other file, as a report.
std::optional<std::string> read_bundle(const std::string& path);

/// Sends the bundle that --report names as it is: `content`. Returns the exit status.
int upload_packed(const CheckOptions& options, std::string content);

/// Sends the bundle in `path`, and nothing that is not gzip; 0, or 1 having said why not and how to go on.
int upload_file(const CheckOptions& options, const std::string& path);

}  // namespace amlnet
