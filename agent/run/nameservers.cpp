#include "agent/run/nameservers.h"

#include <algorithm>

#include "probes/cname_chain.h"

namespace amlnet {

namespace {

constexpr int kLateTries = 3;

// Of those that the node would use: what a control answers helps nobody.
bool any_answers(const Session& session) {
  return std::any_of(session.servers.begin(), session.servers.end(),
                     [](const NameserverState& s) { return !s.control && s.answered > 0; });
}

}  // namespace

bool is_dead(const Session& session, std::size_t index) {
  const NameserverState& server = session.servers[index];
  return server.asked >= 3 && server.answered == 0 && server.silent > 0 && any_answers(session);
}

Milliseconds patience_with(const Session& session, const NameserverState& server, int attempt) {
  const Milliseconds once = session.options.dns_timeout;
  const bool last = attempt > session.options.retries;
  if (!last || server.control || any_answers(session)) return once;
  return std::max(once, std::min(kLateTries * once, session.options.timeout));
}

bool counts(const DnsAnswer& answer) {
  return !answer.error && answer.rcode && (*answer.rcode == 0 || *answer.rcode == 3);
}

void add_new_addresses(std::vector<std::string>& addresses, std::vector<std::string> more) {
  for (std::string& address : more)
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      addresses.push_back(std::move(address));
}

ServerSays server_says(const NameState& name, const std::string& fqdn, std::size_t server) {
  ServerSays says;
  bool enough = false;
  for (const Question& question : name.questions) {
    if (question.server != server || question.name != fqdn) continue;
    if (!question.ended) says.late = &question;
    if (!question.result) continue;
    const DnsAnswer& answer = name.detail.answers[*question.result];
    if (!counts(answer)) continue;
    says.answered = true;
    add_new_addresses(says.addresses, addresses_of(answer));
    enough = enough || (question.type == "A" && !says.addresses.empty());
  }
  says.open = says.late && !enough;
  return says;
}

}  // namespace amlnet
