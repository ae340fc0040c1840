// The blob container that a bundle goes to, as --upload names it. Its URL may hold a shared access signature,
// which must go nowhere but into requests. Pure; used by the option table and by the upload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/catalog/config_error.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

struct BlobContainer {
  std::string shown;  // "https://stws1.blob.core.windows.net/diagnostics/node7": the URL without its query
  std::string sas;    // secret: the query; "" where a token must do
  std::string host;   // without brackets
  std::uint16_t port = 443;
  std::optional<Cloud> cloud;  // whose storage the host is; nothing for a name of somebody's own
};

/// Reads https://ACCOUNT.blob.core.windows.net/CONTAINER[/FOLDER...][?SAS]. Without a SAS the host must be
/// Azure's own, since a token goes there. The error holds nothing of the URL but its host.
std::variant<BlobContainer, ConfigError> read_container_url(const std::string& url);

/// The URL of the blob `name` in it, with `query` ("comp=blocklist", may be empty) and the SAS: secret.
std::string blob_url(const BlobContainer& container, const std::string& name, const std::string& query);

/// What of such a URL must never be shown: the query and its signature, as it is and decoded.
std::vector<std::string> secrets_in_url(const std::string& url);

}  // namespace amlnet
