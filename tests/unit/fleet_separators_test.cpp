#include "reports/fleet_separators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace amlnet {
namespace {

/// Nodes with facts written as "name=value", and the separators between them.
class Nodes {
 public:
  void add(int count, Side side, const std::vector<std::string>& facts) {
    for (int n = 0; n < count; ++n) {
      std::vector<FactPlace>& places = facts_of_node_.emplace_back();
      for (const std::string& fact : facts) places.push_back(place_of(fact));
      std::ranges::sort(places);
      samples_.push_back({&places, side});
    }
  }
  /// With a fact that no other node has.
  void add_own(int count, Side side, const std::vector<std::string>& facts) {
    for (int n = 0; n < count; ++n) {
      std::vector<std::string> all = facts;
      all.push_back(fmt::format("serial={}", samples_.size()));
      add(1, side, all);
    }
  }
  std::vector<Separator> separated() const { return separators(facts_, samples_); }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const Separator& one : separated())
      texts.push_back(condition_text(one) + (one.exact ? "!" : "") + (one.chance ? "?" : ""));
    return texts;
  }

 private:
  FactPlace place_of(const std::string& text) {
    const std::size_t equals = text.find('=');
    const FleetFact fact{text.substr(0, equals), text.substr(equals + 1)};
    const auto found = std::ranges::find(facts_, fact);
    const auto place = static_cast<FactPlace>(found - facts_.begin());
    if (found == facts_.end()) facts_.push_back(fact);
    return place;
  }

  std::vector<FleetFact> facts_;
  std::deque<std::vector<FactPlace>> facts_of_node_;
  std::vector<Sample> samples_;
};

using testing::ElementsAre;
using testing::IsEmpty;
constexpr Side kHit = Side::hit, kSpared = Side::spared;

TEST(Separators, ExactValue) {
  Nodes nodes;
  nodes.add(10, kHit, {"zone=1", "os=a"});
  nodes.add(20, kSpared, {"zone=2", "os=a"});
  nodes.add(20, kSpared, {"zone=3", "os=b"});
  EXPECT_THAT(nodes.texts(), ElementsAre("zone is 1!"));
}

TEST(Separators, AllButOneValue) {
  Nodes nodes;
  nodes.add(10, kHit, {"zone=1"});
  nodes.add(10, kHit, {"zone=2"});
  nodes.add(20, kSpared, {"zone=3"});
  EXPECT_THAT(nodes.texts(), ElementsAre("zone is not 3!"));
}

TEST(Separators, AFactThatOnlySomeHave) {
  Nodes nodes;
  nodes.add(10, kHit, {"proxy=a", "os=a"});
  nodes.add(10, kHit, {"proxy=b", "os=b"});
  nodes.add(20, kSpared, {"os=a"});
  nodes.add(20, kSpared, {"os=b"});
  EXPECT_THAT(nodes.texts(), ElementsAre("proxy is set!"));
  Nodes other;
  other.add(20, kHit, {"os=a"});
  other.add(20, kHit, {"os=b"});
  other.add(10, kSpared, {"proxy=a", "os=a"});
  other.add(10, kSpared, {"proxy=b", "os=b"});
  EXPECT_THAT(other.texts(), ElementsAre("proxy is not set!"));
}

TEST(Separators, MostlyWithCounts) {
  Nodes nodes;
  nodes.add(38, kHit, {"zone=1"});
  nodes.add(2, kHit, {"zone=2"});
  nodes.add(3, kSpared, {"zone=1"});
  nodes.add(97, kSpared, {"zone=2"});
  const std::vector<Separator> found = nodes.separated();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(separator_text(found[0]), "mostly where zone is 1: 38 of 40 nodes that are hit, 3 of 100 others");
}

TEST(Separators, SilentWithoutOne) {
  Nodes same;
  same.add(50, kHit, {"zone=1"});
  same.add(50, kSpared, {"zone=1"});
  EXPECT_THAT(same.texts(), IsEmpty());
  Nodes mixed;
  for (const Side side : {kHit, kSpared}) {
    mixed.add(30, side, {"zone=1"});
    mixed.add(20, side, {"zone=2"});
  }
  EXPECT_THAT(mixed.texts(), IsEmpty());
  Nodes weak;  // certain, but of no use: 60 against 40 of a hundred
  weak.add(600, kHit, {"zone=1"});
  weak.add(400, kHit, {"zone=2"});
  weak.add(400, kSpared, {"zone=1"});
  weak.add(600, kSpared, {"zone=2"});
  EXPECT_THAT(weak.texts(), IsEmpty());
}

TEST(Separators, OneSideAlone) {
  Nodes hit, spared, none;
  hit.add(9, kHit, {"zone=1"});
  spared.add(9, kSpared, {"zone=1"});
  EXPECT_THAT(hit.texts(), IsEmpty());
  EXPECT_THAT(spared.texts(), IsEmpty());
  EXPECT_THAT(none.texts(), IsEmpty());
}

TEST(Separators, WhatEachNodeHasForItselfSeparatesNothing) {
  Nodes nodes;
  nodes.add_own(1, kHit, {"zone=1"});
  nodes.add_own(40, kSpared, {"zone=1"});
  EXPECT_THAT(nodes.texts(), IsEmpty());
}

TEST(Separators, FewNodesAreDoubtedAndASingleOneIsNotJudged) {
  Nodes two;
  two.add(2, kHit, {"zone=1"});
  two.add(2, kSpared, {"zone=2"});
  EXPECT_THAT(two.texts(), ElementsAre("zone is 1!?"));
  Nodes one;
  one.add(1, kHit, {"zone=1"});
  one.add(5, kSpared, {"zone=2"});
  EXPECT_THAT(one.texts(), IsEmpty());
  Nodes of_many;
  of_many.add(1, kHit, {"zone=1"});
  of_many.add(500, kSpared, {"zone=2"});
  EXPECT_THAT(of_many.texts(), ElementsAre("zone is 1!"));
}

TEST(Separators, NetworksStandFirstAndFiveAreTold) {
  Nodes nodes;
  nodes.add(10, kHit, {"a=1", "b=1", "c=1", "d=1", "e=1", "subnet=1", "resolver=1"});
  nodes.add(20, kSpared, {"a=2", "b=2", "c=2", "d=2", "e=2", "subnet=2", "resolver=2"});
  EXPECT_THAT(nodes.texts(), ElementsAre("subnet is 1!", "resolver is 1!", "a is 1!", "b is 1!", "c is 1!"));
}

TEST(Separators, NodesOfNeitherSideDoNotCount) {
  Nodes nodes;
  nodes.add(10, kHit, {"zone=1"});
  nodes.add(10, Side::neither, {"zone=1"});
  nodes.add(20, kSpared, {"zone=3"});
  nodes.add(20, kSpared, {"zone=2"});
  const std::vector<Separator> found = nodes.separated();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(separator_text(found[0]),
            "exactly where zone is 1: all 10 nodes that are hit, none of 40 others");
}

}  // namespace
}  // namespace amlnet
