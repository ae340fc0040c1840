// `amlnet requirements --compare FILE...`: newer copies of the documentation held against the catalog.
#pragma once

#include <string>
#include <vector>

#include "agent/catalog/drift.h"
#include "agent/commands/options.h"

namespace amlnet {

struct ComparedFile {
  std::string path;
  Drift drift;
};

/// What the command prints, ending in a newline. Nothing of the files reaches it unescaped.
std::string comparison_text(const std::vector<ComparedFile>& files, ListFormat format);

/// Returns the exit status: 1 where a file differs from the catalog, 0 where none does, 2 where one cannot be
/// read or has no table of hosts and tags.
int compare_documentation(const CheckOptions& options);

}  // namespace amlnet
