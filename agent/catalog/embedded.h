// The catalog that the build put into this binary (agent/catalog/tool/embed). builtin_catalog() reads it.
#pragma once

#include <string>

namespace amlnet {

std::string embedded_catalog();
/// Of the catalog, known without reading it.
const char* embedded_catalog_version();
const char* embedded_catalog_sha256();

}  // namespace amlnet
