// Which further probes separate the candidates of what failed: each varies one thing of a probe that failed.
#include "agent/diagnosis/questions.h"

namespace amlnet {

std::vector<FollowUp> follow_ups(const Facts& facts) {
  const auto c = open_case(facts);
  std::vector<FollowUp> asked;
  for (auto* question : {ask_other_server_names, ask_other_host_header, ask_large_hello_again,
                         ask_names_again, ask_sibling_ports, ask_one_by_one, ask_hops})
    question(c, asked);
  if (asked.size() > kMostFollowUps) asked.resize(kMostFollowUps);
  return asked;
}

}  // namespace amlnet
