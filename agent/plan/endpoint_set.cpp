#include "agent/plan/endpoint_set.h"

#include <string>
#include <utility>

namespace amlnet {
namespace {

/// How much a protocol shows; of two on one port the one that shows more is probed.
int depth_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::udp:
      return 0;
    case Protocol::tcp:
      return 1;
    case Protocol::http:
      return 2;
    case Protocol::tls:
      return 3;
    case Protocol::https:
    case Protocol::wss:
      return 4;
  }
  return 0;
}

void fill_empty(std::string& text, const std::string& other) {
  if (text.empty()) text = other;
}

void merge(Endpoint& kept, const Endpoint& more) {
  if (depth_of(more.protocol) > depth_of(kept.protocol)) kept.protocol = more.protocol;
  if (more.origin == Origin::documented) kept.origin = Origin::documented;
  if (more.scope == Scope::private_) kept.scope = Scope::private_;
  // One requirement that knows is enough; one that asks in vain leaves the question open.
  kept.scope_known = kept.scope == Scope::private_ || (kept.scope_known && more.scope_known);
  fill_empty(kept.expected_address, more.expected_address);
  fill_empty(kept.answerer, more.answerer);
  fill_empty(kept.service_tag, more.service_tag);
  fill_empty(kept.ca_file, more.ca_file);
}

}  // namespace

std::size_t EndpointSet::add(Endpoint endpoint) {
  const char* transport = endpoint.protocol == Protocol::udp   ? " udp"
                          : endpoint.protocol == Protocol::wss ? " wss"  // it may fail where the rest passes
                                                               : " tcp";
  const auto [found, fresh] =
      index_.try_emplace(endpoint.host + ' ' + std::to_string(endpoint.port) + transport, endpoints_.size());
  if (fresh) {
    endpoints_.push_back(std::move(endpoint));
  } else {
    merge(endpoints_[found->second], endpoint);
  }
  return found->second;
}

}  // namespace amlnet
