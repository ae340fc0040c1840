#include "agent/run/run.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/names.h"
#include "agent/diagnosis/responders.h"
#include "agent/run/asked_again.h"
#include "agent/run/authenticated.h"
#include "agent/run/controls.h"
#include "agent/run/discovery.h"
#include "agent/run/endpoints.h"
#include "agent/run/heap.h"
#include "agent/run/names.h"
#include "agent/run/nameserver_controls.h"
#include "agent/run/pause.h"
#include "agent/run/program_stores.h"
#include "agent/run/stop_listener.h"
#include "agent/run/tenths.h"
#include "agent/run/usual_bodies.h"

namespace amlnet {

namespace {

// Probing starts with what is known then (contract section 2).
constexpr auto kFactsBudget = Milliseconds(1000);
// With more endpoints than this, the computing of handshakes waits until all are asked, 0.1 ms for each at
// most. Questions for IPv6 addresses, which rarely decide anything, come after the handshakes.
constexpr std::size_t kCrowd = 256;
constexpr auto kHandshakesFirst = Milliseconds(50);
constexpr std::size_t kHeapEach = 5 * 1024;  // bytes that an endpoint surely takes while it waits
constexpr int kReservedDescriptors = 128;    // report files, nameserver sockets, what libcurl opens

// Raises the soft descriptor limit to the hard one and returns how many connections fit below it, beside
// those that are past waiting and in their handshakes. A tunnel through a proxy that is spoken to over TLS
// takes four.
int connections_that_fit(const RunOptions& options) {
  const int wanted = options.concurrency;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return wanted;
  const auto room = static_cast<long>(std::min<rlim_t>(limit.rlim_cur, 1 << 30)) - kReservedDescriptors -
                    options.handshakes;
  const bool bridged = std::any_of(options.proxies.begin(), options.proxies.end(),
                                   [](const auto& proxy) { return proxy.second.starts_with("https:"); });
  return static_cast<int>(std::clamp<long>(bridged ? room / 4 : room, 1, wanted));
}

void add_private_roots(Session& session) {
  for (const Endpoint& endpoint : session.plan->endpoints)
    if (!endpoint.ca_file.empty()) session.tls.add_store(endpoint.ca_file);
}

// A private name that leads to a public address: its probes may pass all the same.
bool leads_astray(const Session& session, const Endpoint& endpoint) {
  if (endpoint.scope != Scope::private_) return false;
  const auto name = session.names.find(endpoint.host);
  if (name == session.names.end() || name->second->detail.addresses.empty()) return false;
  return place_of(name->second->detail.addresses.front(), *session.workspace) == Whereabouts::internet;
}

// Cheap, since a healthy run comes here as well.
bool anything_failed(const Session& session) {
  const auto failed = [](const ProbeRecord& record) {
    const bool counts = record.purpose == Purpose::requirement || record.control == "large-hello" ||
                        record.control == kRevocation;
    return counts && record.status == ProbeStatus::failed;
  };
  const auto astray = [&](const Endpoint& endpoint) { return leads_astray(session, endpoint); };
  return std::any_of(session.evidence.probes.begin(), session.evidence.probes.end(), failed) ||
         std::any_of(session.plan->endpoints.begin(), session.plan->endpoints.end(), astray);
}

asio::awaitable<void> follow_up_round(Session& session) {
  if (!session.options.follow_ups || session.probes.stopped() || !anything_failed(session)) co_return;
  std::vector<FollowUp> asked =
      follow_ups({*session.plan, *session.workspace, session.node, session.evidence, session.started_wall});
  for (FollowUp& one : asked) session.probes.spawn(probe_again(session, std::move(one)));
  co_await session.probes.wait();
}

asio::awaitable<void> probe_endpoints(Session& session) {
  start_canaries(session);
  while (session.next_endpoint < session.endpoints.size() && !session.probes.stopped()) {
    const bool admitted = co_await session.resolving.acquire();
    if (!admitted) break;
    probe_endpoint(session, session.next_endpoint++);
  }
}

// A control of several steps may have taken its next one meanwhile: then that one has its time, too.
asio::awaitable<void> end_controls(Session& session) {
  Deadline until = controls_until(session);
  for (Deadline waited{}; waited < until && !session.controls.empty(); until = controls_until(session)) {
    waited = until;
    co_await session.controls.wait_until(until);
  }
  session.controls.stop();
  co_await session.controls.wait();
}

// The whole run in order: what can be discovered within a second, everything at once, what discovery adds
// later, then what tells look-alikes apart, then the end of the controls, and once more what these and the
// first round of follow-ups brought up.
asio::awaitable<void> drive(Session& session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  session.probes.spawn(discover(session));
  if (session.options.discover_only) {
    co_await session.probes.wait();
    co_await end_controls(session);
    co_return;
  }
  const Deadline first = session.started + std::max(kFactsBudget - session.options.spent, Milliseconds(0));
  co_await wait_for_discovery(session, first);
  ask_random_labels(session);
  if (session.endpoints.size() > kCrowd) {
    const Milliseconds patience(std::clamp<std::size_t>(session.endpoints.size() / 10, 100, 1000));
    session.cheap_first.close(Clock::now() + patience);
    session.probes.spawn(ask_for_ipv6(session, kHandshakesFirst));
  }
  co_await probe_endpoints(session);
  co_await wait_for_discovery(session, session.deadline);
  co_await probe_endpoints(session);
  co_await session.probes.wait();
  if (!session.probes.stopped()) leave_out_noted_services(session);
  co_await follow_up_round(session);
  co_await end_controls(session);
  co_await follow_up_round(session);
}

asio::awaitable<void> report_progress(Session& session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (bool going_on = true; going_on;) {
    session.hooks.on_progress(session.finished, session.evidence.probes.size());
    going_on = co_await pause_for(session, Milliseconds(100));
  }
}

void stop(Session& session, std::string because) {
  if (!session.incomplete_because.empty()) return;
  session.incomplete_because = std::move(because);
  for (Limit* limit : {&session.connections, &session.handshakes, &session.resolving, &session.ipv6_turns})
    limit->wake_all();
  for (NameserverState& server : session.servers) server.in_flight->wake_all();
  session.probes.stop();
  session.controls.stop();
  settle_discovery(session);
}

std::string duration_text(Milliseconds duration) {
  const auto ms = duration.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

}  // namespace

RunResult run_plan(const Plan& plan, const Workspace& workspace, const Node& node, const RunOptions& options,
                   const RunHooks& hooks) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
  if (!options.discover_only && plan.endpoints.size() > kCrowd)
    populate_heap(plan.endpoints.size() * kHeapEach);
  RunResult result;
  result.concurrency = connections_that_fit(options);
  asio::io_context loop(1);
  Session session(loop, plan, workspace, node, options, hooks, result.concurrency);
  add_servers(session);
  add_private_roots(session);

  StopListener signals(loop, [&](const char* name) { stop(session, name); });
  asio::steady_timer deadline(loop, session.deadline);
  deadline.async_wait([&](std::error_code error) {
    if (!error) stop(session, "the deadline of " + duration_text(options.deadline) + " came first");
  });
  TaskGroup background(loop.get_executor()), driver(loop.get_executor());
  background.spawn(session.lag.measure());
  if (hooks.on_progress) background.spawn(report_progress(session));
  driver.spawn(drive(session));
  // The loop ends by itself once nothing is left to wait for.
  while (!driver.empty() && loop.run_one() > 0) {
  }
  signals.end();
  deadline.cancel();
  background.stop();
  loop.run();

  for (const TaskGroup* group : {&driver, &session.probes, &session.controls})
    if (group->failure()) std::rethrow_exception(group->failure());
  ask_program_stores(session);
  result.incomplete_because = session.incomplete_because;
  result.complete = result.incomplete_because.empty();
  result.duration_ms = ms_between(session.started, Clock::now());
  result.problems = session.tls.problems();
  session.names.clear();
  leave_out_usual_bodies(*session.plan, session.evidence.probes);
  result.workspace = std::move(session.found_workspace);
  result.plan = std::move(session.found_plan);
  result.live_list = std::move(session.live_list);
  for (ProbeRecord& record : session.evidence.probes) round_to_tenths(record);
  result.evidence = std::move(session.evidence);
  return result;
}

}  // namespace amlnet
