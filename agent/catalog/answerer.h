// Who must answer behind an endpoint, and how to know it: the request that shows it and the signature of its
// answer (failures.md section 4's services). A 4xx that the service itself sends proves the network.
#pragma once

#include <span>
#include <string_view>

#include "probes/record.h"

namespace amlnet {

struct Answerer {
  std::string_view id;     // "azure-blob", "key-vault", "container-registry", "entra", ...
  std::string_view title;  // "Azure Blob Storage"
  std::string_view path;   // what to GET, "/"
  bool (*recognises)(const HttpDetail&);
  std::string_view header = {};  // a header that the request needs, "Name: value"
};

/// Null for an unknown id.
const Answerer* find_answerer(std::string_view id);

std::span<const Answerer> all_answerers();

}  // namespace amlnet
