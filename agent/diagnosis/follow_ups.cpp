// Which further probes separate the candidates of what failed: each varies one thing of a probe that failed.
#include "agent/diagnosis/outcome.h"
#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

/// What fails beside a documented alternative that passed, or that waits for its canary, breaks nothing
/// (yet): a healthy run asks nothing for it.
void set_spares_aside(Case& c) {
  Diagnosis so_far;
  for (const auto& trail : c.trails) so_far.endpoints.push_back({status_of(trail.progress), {}, {}, {}});
  std::vector<char> needed(c.trails.size(), 0);
  for (const auto& requirement : c.facts.plan.requirements) {
    if (!requirement.applies) continue;
    for (const auto& use : requirement.uses) {
      if (use.endpoint < needed.size() && use_fails(requirement, use, so_far)) needed[use.endpoint] = 1;
    }
  }
  for (auto& trail : c.trails) {
    if (trail.open() && !needed[trail.index]) trail.progress = Progress::undecided;
  }
}

}  // namespace

std::vector<FollowUp> follow_ups(const Facts& facts) {
  auto c = open_case(facts);
  set_spares_aside(c);
  std::vector<FollowUp> asked;
  for (auto* question : {ask_other_server_names, ask_other_host_header, ask_large_hello_again,
                         ask_names_again, ask_sibling_ports, ask_responders_again, ask_one_by_one, ask_hops})
    question(c, asked);
  if (asked.size() > kMostFollowUps) asked.resize(kMostFollowUps);
  return asked;
}

}  // namespace amlnet
