// Which further probes separate the candidates of what failed: each varies one thing of a probe that failed.
#include "agent/diagnosis/outcome.h"
#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

/// A documented alternative beside one that passed breaks nothing: a healthy run asks nothing for it.
void set_spares_aside(Case& c) {
  Diagnosis so_far;
  for (const auto& trail : c.trails) so_far.endpoints.push_back({status_of(trail.progress), {}, {}, {}});
  const auto alternates = alternates_of(c.facts.plan, so_far);
  for (auto& trail : c.trails) {
    if (trail.open() && alternates[trail.index] == Alternate::spare) trail.progress = Progress::undecided;
  }
}

}  // namespace

std::vector<FollowUp> follow_ups(const Facts& facts) {
  auto c = open_case(facts);
  set_spares_aside(c);
  std::vector<FollowUp> asked;
  for (auto* question : {ask_other_server_names, ask_other_host_header, ask_large_hello_again,
                         ask_names_again, ask_sibling_ports, ask_one_by_one, ask_hops})
    question(c, asked);
  if (asked.size() > kMostFollowUps) asked.resize(kMostFollowUps);
  return asked;
}

}  // namespace amlnet
