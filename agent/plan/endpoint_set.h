// The endpoints of a plan, each host, port and transport once, however many requirements need it. Planning
// uses it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "agent/plan/plan.h"

namespace amlnet {

class EndpointSet {
 public:
  /// `endpoints` must outlive the set; indexes into it stay valid.
  explicit EndpointSet(std::vector<Endpoint>& endpoints) : endpoints_(endpoints) {}

  /// The index of the endpoint. One that is there already takes over what `endpoint` knows more: the protocol
  /// that shows more (https over tls over http over tcp), the private scope, the answerer.
  std::size_t add(Endpoint endpoint);

 private:
  std::vector<Endpoint>& endpoints_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace amlnet
