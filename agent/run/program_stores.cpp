#include "agent/run/program_stores.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "probes/program_stores.h"

namespace amlnet {
namespace {

constexpr auto kPatience = Milliseconds(1000), kPastDeadline = Milliseconds(20);

TlsDetail* handshake_with(Session& session, const std::vector<std::string>& chain) {
  for (ProbeRecord& record : session.evidence.probes)
    if (auto* tls = detail_of<TlsDetail>(record); tls && tls->chain == chain) return tls;
  return nullptr;
}

}  // namespace

void ask_program_stores(Session& session) {
  const Deadline now = Clock::now();
  const Deadline until = std::clamp(session.deadline, now + kPastDeadline, now + kPatience);
  for (ProgramVerdicts& asked : session.tls.ask_programs(until))
    if (TlsDetail* tls = handshake_with(session, asked.chain))
      std::move(asked.verdicts.begin(), asked.verdicts.end(), std::back_inserter(tls->verdicts));
}

}  // namespace amlnet
