// The catalog and its coverage that the build put into this binary (agent/catalog/tool/embed).
// builtin_catalog() and builtin_coverage() read them.
#pragma once

#include <string>
#include <vector>

namespace amlnet {

std::string embedded_catalog();
/// Of the catalog, known without reading it.
const char* embedded_catalog_version();
const char* embedded_catalog_sha256();

/// The files of agent/catalog/coverage, whole.
std::vector<std::string> embedded_coverage();

}  // namespace amlnet
