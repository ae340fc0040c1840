// What `amlnet --version` prints.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

/// This build's version, "0.1.0".
std::string_view version();

/// Version, catalog version and the versions of the libraries in use, a line each, ending in a newline.
std::string version_text(std::string_view catalog_version);

}  // namespace amlnet
