#include "agent/run/names.h"

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/address.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "agent/run/nameserver_controls.h"
#include "agent/run/nameservers.h"
#include "agent/run/pause.h"
#include "probes/cname_chain.h"

namespace amlnet {

namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

// How long a ready answer of a later server waits for an earlier one. libc would wait five seconds; a program
// that must be quick gives a healthy server, even one behind a slow forwarder, this much and no more.
constexpr auto kGrace = Milliseconds(300);
constexpr std::size_t kMaxAddresses = 8;
constexpr std::size_t kMaxSearched = 6;

bool cancelled(const WireError& error) {
  return error.failure == Failure::cancelled;
}

void end_question(Session& session, NameState& name, Question& question);
void decide(Session& session, NameState& name);

// Keeps the answer and returns its index. One that came late, to an attempt that was given up, takes that
// one's place: nothing was lost.
std::size_t keep(std::vector<DnsAnswer>& answers, DnsAnswer answer) {
  const auto given_up = std::find_if(answers.begin(), answers.end(), [&](const DnsAnswer& other) {
    return other.server == answer.server && other.name == answer.name && other.type == answer.type &&
           other.edns == answer.edns && other.error.failure == Failure::timeout;
  });
  if (answer.attempts > 0 || given_up == answers.end()) {
    answer.attempts = std::max(answer.attempts, 1);
    answers.push_back(std::move(answer));
    return answers.size() - 1;
  }
  answer.attempts = given_up->attempts;
  answer.start_ms = given_up->start_ms;
  *given_up = std::move(answer);
  return static_cast<std::size_t>(given_up - answers.begin());
}

// One attempt: asks, notes how the server fared, keeps the answer. Returns its index in the detail.
asio::awaitable<std::size_t> ask_once(Session& session, NameState& name, const Question& question, bool edns,
                                      bool tcp, int attempt) {
  NameserverState& server = session.servers[question.server];
  DnsSpec spec;
  spec.name = question.name;
  spec.type = question.type;
  spec.edns = edns;
  spec.tcp = tcp;
  const double start = ms_between(session.started, Clock::now());
  const Deadline until = attempt_deadline(session, patience_with(session, question.server, attempt));
  DnsAnswer answer = co_await server.server->ask(std::move(spec), until);
  answer.start_ms = start;
  if (answer.attempts > 0) answer.attempts = attempt;
  note_fate(server, answer);
  if (answer.rcode) session.slowest_answer_ms = std::max(session.slowest_answer_ms, answer.duration_ms);
  if (answer.error.failure == Failure::timeout) ask_whether_up(session, question.server);
  co_return keep(name.detail.answers, std::move(answer));
}

// The question with its retries. A second try goes without EDNS, as libc asks: where only that is answered,
// something on the way drops EDNS, and both answers are kept to show it. A truncated answer is asked again
// over TCP.
asio::awaitable<void> ask(Session& session, NameState& name, Question& question) {
  co_await asio::this_coro::throw_if_cancelled(false);
  NameserverState& server = session.servers[question.server];
  const bool admitted = co_await server.in_flight->acquire();
  if (!admitted) co_return;
  const Slot slot(*server.in_flight);
  if (is_dead(session, question.server)) {
    end_question(session, name, question);
    co_return;
  }
  ++server.asked;
  bool edns = true;
  std::size_t index = 0;
  for (int attempt = 1;; ++attempt) {
    index = co_await ask_once(session, name, question, edns, false, attempt);
    const DnsAnswer& answer = name.detail.answers[index];
    const bool refuses_edns = edns && answer.rcode && (*answer.rcode == 1 || *answer.rcode == 4);
    if (!refuses_edns &&
        (!worth_retrying(session, answer.error, attempt) || is_dead(session, question.server)))
      break;
    edns = false;
  }
  if (name.detail.answers[index].truncated && !name.detail.answers[index].error)
    index = co_await ask_once(session, name, question, edns, true, 1);
  const WireError& error = name.detail.answers[index].error;
  if (error && !cancelled(error)) ++server.given_up;
  if (!cancelled(error)) question.result = index;
  end_question(session, name, question);
}

// Of a server that is only a control, nothing waits for the answer.
TaskGroup& group_of(Session& session, const Question& question) {
  return session.servers[question.server].control ? session.controls : session.probes;
}

// All questions stand in the list before the first is asked: one to a server known to be dead ends at once,
// and the decision that follows must see what is still to be asked.
void ask_everywhere(Session& session, NameState& name, const std::string& fqdn) {
  std::vector<Question*> added;
  for (std::size_t server = 0; server < session.servers.size(); ++server)
    for (const char* type : {"A", "AAAA"})
      added.push_back(&name.questions.emplace_back(Question{server, fqdn, type, false, std::nullopt}));
  const bool crowd = session.cheap_first.closed();
  for (Question* question : added) {
    if (crowd && question->type == "AAAA")
      session.ipv6_questions.emplace_back(&name, question);
    else
      group_of(session, *question).spawn(ask(session, name, *question));
  }
}

asio::awaitable<void> ask_in_turn(Session& session, NameState& name, Question& question) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Slot slot(session.ipv6_turns);  // acquired by who started this
  co_await ask(session, name, question);
}

enum class Ready { pending, positive, negative };

struct Lookup {
  Ready ready = Ready::pending;
  std::vector<std::string> addresses;
  std::string server;
  const Question* late = nullptr;
};

asio::awaitable<void> decide_after_grace(Session& session, NameState& name) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!name.decided) co_await name.grace->async_wait(kTuple);
  if (!name.decided) decide(session, name);
}

void start_grace(Session& session, NameState& name) {
  if (name.grace_since) return;
  name.grace_since = Clock::now();
  name.grace = std::make_unique<asio::steady_timer>(session.loop, *name.grace_since + kGrace);
  session.probes.spawn(decide_after_grace(session, name));
}

// Goes through the servers as libc does: the first that answers counts, one that failed is passed over. One
// that is still silent holds the decision only until the grace time of a ready answer is spent, or it is
// known to be dead.
Lookup look_up(Session& session, NameState& name, const std::string& fqdn) {
  const bool grace_spent = name.grace_since && Clock::now() - *name.grace_since >= kGrace;
  bool held = false, open = false;
  for (std::size_t server = 0; server < session.servers.size(); ++server) {
    if (session.servers[server].control) continue;
    ServerSays says = server_says(name, fqdn, server);
    open = open || says.open;
    // no address, while the question for the other kind is open, is no answer yet
    const bool settled = says.answered && !(says.open && says.addresses.empty());
    if (says.open && !grace_spent && !is_dead(session, server)) {
      held = true;
      if (says.answered) start_grace(session, name);
    } else if (settled && held) {
      start_grace(session, name);
      break;
    } else if (settled) {
      const Ready ready = says.addresses.empty() ? Ready::negative : Ready::positive;
      return Lookup{ready, std::move(says.addresses), session.servers[server].server->name(), says.late};
    }
  }
  return Lookup{held || open ? Ready::pending : Ready::negative, {}, {}, nullptr};
}

// At most eight, IPv4 before IPv6, since IPv4 decides the status of an endpoint.
std::vector<std::string> in_probing_order(std::vector<std::string> addresses) {
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const std::string& a) { return a.find(':') == std::string::npos; });
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);
  return addresses;
}

void settle(Session& session, NameState& name, Lookup found) {
  name.detail.addresses = in_probing_order(std::move(found.addresses));
  name.detail.answered_by = std::move(found.server);
  name.late = found.late;
  name.decided = true;
  if (name.grace) name.grace->cancel();  // or the run would wait for it
  conclude_probe(session, name.record, name.detail.addresses.empty() ? ProbeStatus::failed : ProbeStatus::ok);
  name.ready.cancel();
}

void decide(Session& session, NameState& name) {
  const bool all_ended =
      std::all_of(name.questions.begin(), name.questions.end(), [](const Question& q) { return q.ended; });
  if (!name.decided) {
    std::vector<std::string> order{name.detail.name};
    if (name.searched)
      order.insert(name.detail.search_first ? order.begin() : order.end(), name.detail.searched.begin(),
                   name.detail.searched.end());
    for (const std::string& fqdn : order) {
      Lookup lookup = look_up(session, name, fqdn);
      if (lookup.ready == Ready::pending) return;
      if (lookup.ready == Ready::negative) continue;
      settle(session, name, std::move(lookup));
      break;
    }
    if (!name.decided && !name.searched && !name.detail.searched.empty() && any_worth_asking(session)) {
      name.searched = true;
      for (const std::string& fqdn : name.detail.searched) ask_everywhere(session, name, fqdn);
      return;
    }
    if (!name.decided) settle(session, name, Lookup{});
  }
  if (!all_ended) return;
  publish_probe(session, name.record);
  name.questions.clear();  // nobody asks again: their answers are in the record
}

void end_question(Session& session, NameState& name, Question& question) {
  question.ended = true;
  if (name.late == &question) {
    if (question.result && counts(name.detail.answers[*question.result]))
      add_new_addresses(name.detail.addresses, addresses_of(name.detail.answers[*question.result]));
    name.detail.addresses = in_probing_order(std::move(name.detail.addresses));
    name.late = nullptr;
    for (const auto& tell : std::exchange(name.when_complete, {})) tell();
  }
  decide(session, name);
}

void fill_search_list(const Session& session, DnsDetail& detail) {
  const std::vector<std::string> order = names_to_try(detail.name, session.node.resolver);
  detail.search_first = !order.empty() && order.front() != detail.name;
  for (const std::string& fqdn : order)
    if (fqdn != detail.name && detail.searched.size() < kMaxSearched) detail.searched.push_back(fqdn);
}

}  // namespace

NameState::NameState(const asio::any_io_executor& executor, ProbeRecord& its_record)
    : record(its_record), detail(*detail_of<DnsDetail>(its_record)), ready(executor) {
  ready.expires_at(asio::steady_timer::time_point::max());
}

bool is_numeric(const std::string& host) {
  std::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

NameState& resolve(Session& session, const std::string& host, Purpose purpose) {
  std::unique_ptr<NameState>& slot = session.names[host];
  if (slot) return *slot;
  ProbeRecord& record = begin_probe(session, ProbeKind::dns, host, purpose);
  DnsDetail detail;
  detail.name = host;
  detail.answers.reserve(2 * session.servers.size());
  fill_search_list(session, detail);
  if (auto pinned = session.node.hosts.find(host); pinned != session.node.hosts.end())
    detail.hosts_file = pinned->second;
  record.detail = std::move(detail);
  slot = std::make_unique<NameState>(session.loop.get_executor(), record);
  NameState& name = *slot;
  name.searched = name.detail.search_first;
  if (!name.detail.hosts_file.empty())
    settle(session, name, Lookup{Ready::positive, name.detail.hosts_file, "hosts", nullptr});
  ask_everywhere(session, name, host);
  if (name.searched)
    for (const std::string& fqdn : name.detail.searched) ask_everywhere(session, name, fqdn);
  if (session.servers.empty()) decide(session, name);
  return name;
}

asio::awaitable<void> ask_for_ipv6(Session& session, Milliseconds after) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool passed = co_await session.cheap_first.pass();
  if (!passed) co_return;
  const bool going_on = co_await pause_for(session, after);
  if (!going_on) co_return;
  while (!session.ipv6_questions.empty()) {
    const bool admitted = co_await session.ipv6_turns.acquire();
    if (!admitted) co_return;
    const auto [name, question] = session.ipv6_questions.front();
    session.ipv6_questions.pop_front();
    group_of(session, *question).spawn(ask_in_turn(session, *name, *question));
  }
}

asio::awaitable<bool> wait_for_addresses(NameState& name) {
  if (!name.decided) co_await name.ready.async_wait(kTuple);
  co_return name.decided;
}

}  // namespace amlnet
