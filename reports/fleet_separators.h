// Which fact tells the nodes that a cause hits from the others. Pure; used by fleet.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/fleet_facts.h"

namespace amlnet {

/// A place in the list of facts.
using FactPlace = std::uint32_t;

/// A condition on nodes, and how many of both kinds meet it.
struct Separator {
  std::string fact;
  std::string value;                        // "" is any value: the node has the fact at all
  bool negated = false;                     // met by nodes without that value
  std::size_t hit_with = 0, hit = 0;        // of the `hit` nodes so many meet it
  std::size_t spared_with = 0, spared = 0;  // and of the others
  bool exact = false;                       // met by all that are hit and by none of the others
  bool chance = false;                      // so few nodes, or so many facts, that chance may have done it
};

enum class Side : std::uint8_t { hit, spared, neither };

/// The facts of a node, ascending places in the list of facts, and on which side it is.
struct Sample {
  const std::vector<FactPlace>* facts;
  Side side;
};

/// The best separators, at most five, the best first; none where nothing separates. That is where no
/// condition is met by clearly more (half of all, at least) of the one kind than of the other, or where
/// chance does as well: Fisher's exact test, 5 % over all conditions that were tried (Bonferroni). Exact ones
/// are told in any case if there are two nodes of each kind. Where one is exact, the others are not told.
std::vector<Separator> separators(const std::vector<FleetFact>& facts, const std::vector<Sample>& samples);

/// "subnet is 10.0.1.0/24", "proxy.https_proxy is not set".
std::string condition_text(const Separator& separator);
/// "only where subnet is 10.0.1.0/24: all 12 nodes that are hit, none of 88 others".
std::string separator_text(const Separator& separator);

}  // namespace amlnet
