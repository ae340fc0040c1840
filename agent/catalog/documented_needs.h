// What a page of documentation needs: the hosts and service tags of its tables and lists, with ports and
// clouds. Pure; the comparison with the catalog uses it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/documented_names.h"
#include "agent/catalog/markdown.h"
#include "agent/workspace/workspace.h"

namespace amlnet {

/// One mention of a host or tag where the page says that it is needed.
struct DocumentedNeed {
  bool tag = false;  // a service tag, else a host
  std::string text;  // as printed
  std::string key;   // host_key() of a host, the most exact of tag_keys() of a tag
  PrintedPorts ports;
  std::optional<Cloud> cloud;  // of its column or tab
  int line = 0;
};

std::vector<DocumentedNeed> needs_of(const MarkdownPage& page);

}  // namespace amlnet
