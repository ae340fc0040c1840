// Conditions are "the node has this value", "it has any value of that name", and the opposite of both. Each
// gives a table of four counts. The distance of the two shares (Youden's index) says how well it separates,
// Fisher's test whether chance would, too.
#include "reports/fleet_separators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace amlnet {
namespace {

constexpr double kLeastDistance = 0.5;
constexpr double kMostChance = 0.05;
constexpr std::size_t kMostTold = 5;

/// How many nodes of each kind meet a condition.
struct Counts {
  std::size_t hit = 0, spared = 0;
  void add(Side side) {
    if (side == Side::hit) ++hit;
    if (side == Side::spared) ++spared;
  }
};

/// All values of one name.
struct Attribute {
  std::vector<FactPlace> values;
  Counts any;  // nodes that have one of them
  std::size_t last_sample = SIZE_MAX;
};

double log_choose(std::size_t n, std::size_t k) {
  const auto log_factorial = [](std::size_t m) { return std::lgamma(static_cast<double>(m) + 1); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

/// Fisher's exact test, one side: that drawing so many nodes at random would meet the condition among the hit
/// ones so often or oftener.
double chance_of(const Separator& one) {
  const std::size_t with = one.hit_with + one.spared_with;
  const double all = log_choose(one.hit + one.spared, one.hit);
  double sum = 0;
  for (std::size_t k = one.hit_with; k <= std::min(with, one.hit); ++k) {
    if (one.hit - k > one.hit + one.spared - with) continue;
    sum += std::exp(log_choose(with, k) + log_choose(one.hit + one.spared - with, one.hit - k) - all);
  }
  return sum;
}

double distance(const Separator& one) {
  return static_cast<double>(one.hit_with) / static_cast<double>(one.hit) -
         static_cast<double>(one.spared_with) / static_cast<double>(one.spared);
}

/// What people know their networks by stands before the rest.
std::size_t rank(const Separator& one) {
  constexpr std::array<std::string_view, 6> kFirst{"subnet", "resolver",     "search_domain",
                                                   "region", "compute.kind", "vm_size"};
  return static_cast<std::size_t>(std::ranges::find(kFirst, one.fact) - kFirst.begin());
}

bool better(const Separator& a, const Separator& b) {
  if (a.exact != b.exact) return a.exact;
  if (distance(a) != distance(b)) return distance(a) > distance(b);
  if (a.negated != b.negated) return b.negated;
  if (a.value.empty() != b.value.empty()) return b.value.empty();
  return std::pair(rank(a), a.fact) < std::pair(rank(b), b.fact);
}

class Search {
 public:
  Search(const std::vector<FleetFact>& facts, const std::vector<Sample>& samples)
      : facts_(facts), counts_(facts.size()) {
    for (FactPlace place = 0; place < facts.size(); ++place)
      attributes_[facts[place].name].values.push_back(place);
    std::vector<Attribute*> owner(facts.size());
    for (auto& [name, attribute] : attributes_) {
      for (const FactPlace place : attribute.values) owner[place] = &attribute;
    }
    for (std::size_t index = 0; index < samples.size(); ++index) {
      total_.add(samples[index].side);
      for (const FactPlace place : *samples[index].facts) {
        counts_[place].add(samples[index].side);
        if (std::exchange(owner[place]->last_sample, index) != index)
          owner[place]->any.add(samples[index].side);
      }
    }
  }

  std::vector<Separator> best() {
    if (total_.hit == 0 || total_.spared == 0) return {};
    const auto varying = static_cast<std::size_t>(
        std::ranges::count_if(attributes_, [this](const auto& one) { return varies(one.second); }));
    for (const auto& [name, attribute] : attributes_) {
      if (!varies(attribute)) continue;
      const std::size_t tries = varying * (attribute.values.size() + 1);
      for (const FactPlace place : attribute.values)
        consider(name, facts_[place].value, counts_[place], tries);
      consider(name, "", attribute.any, tries);
    }
    std::ranges::sort(found_, better);
    if (!found_.empty() && found_.front().exact)
      std::erase_if(found_, [](const Separator& one) { return !one.exact; });
    drop_same_names();
    if (found_.size() > kMostTold) found_.resize(kMostTold);
    return std::move(found_);
  }

 private:
  /// Of a fact with two values each says what the other says: the first of a name is enough.
  void drop_same_names() {
    std::set<std::string> names;
    std::erase_if(found_, [&](const Separator& one) { return !names.insert(one.fact).second; });
  }
  bool everywhere(const Counts& counts) const {
    return counts.hit == total_.hit && counts.spared == total_.spared;
  }
  bool varies(const Attribute& attribute) const {
    return std::ranges::any_of(attribute.values, [this](FactPlace place) {
      const Counts& counts = counts_[place];
      return !everywhere(counts) && counts.hit + counts.spared > 0;
    });
  }

  void consider(const std::string& name, const std::string& value, const Counts& with, std::size_t tries) {
    Separator one{name, value, false, with.hit, total_.hit, with.spared, total_.spared};
    if (distance(one) < 0) {
      one.negated = true;
      one.hit_with = one.hit - one.hit_with;
      one.spared_with = one.spared - one.spared_with;
    }
    if (distance(one) < kLeastDistance) return;
    one.exact = one.hit_with == one.hit && one.spared_with == 0;
    one.chance = chance_of(one) * static_cast<double>(tries) > kMostChance;
    if (one.chance && !(one.exact && one.hit > 1 && one.spared > 1)) return;
    found_.push_back(std::move(one));
  }

  const std::vector<FleetFact>& facts_;
  std::vector<Counts> counts_;
  std::map<std::string, Attribute> attributes_;
  Counts total_;
  std::vector<Separator> found_;
};

}  // namespace

std::vector<Separator> separators(const std::vector<FleetFact>& facts, const std::vector<Sample>& samples) {
  return Search(facts, samples).best();
}

std::string condition_text(const Separator& one) {
  const std::string_view verb = one.negated ? "is not" : "is";
  return fmt::format("{} {} {}", one.fact, verb, one.value.empty() ? "set" : one.value);
}

std::string separator_text(const Separator& one) {
  const std::string where = condition_text(one);
  const std::string_view doubt = one.chance ? "; so few nodes may differ by chance" : "";
  if (one.exact)
    return fmt::format("exactly where {}: all {} nodes that are hit, none of {} others{}", where, one.hit,
                       one.spared, doubt);
  return fmt::format("mostly where {}: {} of {} nodes that are hit, {} of {} others", where, one.hit_with,
                     one.hit, one.spared_with, one.spared);
}

}  // namespace amlnet
