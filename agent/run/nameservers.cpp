#include "agent/run/nameservers.h"

#include <algorithm>

#include "probes/cname_chain.h"

namespace amlnet {

namespace {

constexpr int kLateTries = 3;
constexpr int kEnoughGivenUp = 2;  // both kinds of one name

}  // namespace

// What a control answers helps nobody.
bool another_answers(const Session& session, std::size_t index) {
  for (std::size_t other = 0; other < session.servers.size(); ++other)
    if (other != index && !session.servers[other].control && session.servers[other].answered > 0) return true;
  return false;
}

bool is_dead(const Session& session, std::size_t index) {
  const NameserverState& server = session.servers[index];
  return server.asked >= 3 && server.answered == 0 && server.silent > 0 && another_answers(session, index);
}

bool any_worth_asking(const Session& session) {
  return std::any_of(session.servers.begin(), session.servers.end(), [](const NameserverState& s) {
    return !s.control && (s.answered > 0 || s.given_up < kEnoughGivenUp);
  });
}

Milliseconds most_patience(const Session& session) {
  const Milliseconds once = session.options.dns_timeout;
  return std::max(once, std::min(kLateTries * once, session.options.timeout));
}

Milliseconds patience_with(const Session& session, std::size_t index, int attempt) {
  const NameserverState& server = session.servers[index];
  const Milliseconds once = session.options.dns_timeout, most = most_patience(session);
  const bool last = attempt > session.options.retries;
  if (!last || server.control || another_answers(session, index)) return once;
  if (server.answered == 0) return std::max(once, most - (attempt - 1) * once);
  return std::clamp(Milliseconds(static_cast<std::int64_t>(2 * server.slowest_ms)), once, most);
}

void note_fate(NameserverState& server, const DnsAnswer& answer) {
  if (answer.rcode) {
    ++server.answered;
    server.slowest_ms = std::max(server.slowest_ms, answer.duration_ms);
  } else if (answer.error.failure == Failure::timeout) {
    ++server.silent;
  }
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
