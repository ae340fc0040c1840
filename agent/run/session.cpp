#include "agent/run/session.h"

#include <algorithm>

#include "agent/run/names.h"
#include "agent/workspace/platform.h"

namespace amlnet {

namespace {

// What an endpoint that was cut off still costs after the run: to be ended, judged and written.
constexpr auto kAfterwards = std::chrono::microseconds(50);

// With a nameserver 10 ms away, as many names as the pacing of questions lets through (probes/loop,
// ares_channel). More would only take memory, and the last of a thousand has its addresses later.
constexpr int kResolving = 128;
constexpr int kQuestionsInFlight = 512;  // at one nameserver; more only fills its receive buffer
constexpr int kIpv6Turns = 32;  // of a crowd, at once: what decides nothing shall cost little memory, too

Deadline end_of_run(Clock::time_point started, const RunOptions& options, std::size_t endpoints) {
  const Clock::duration left = options.deadline - options.spent - endpoints * kAfterwards;
  return started + std::max<Clock::duration>(left, Milliseconds(1));
}

}  // namespace

Session::Session(asio::io_context& io, const Plan& a_plan, const Workspace& a_workspace, const Node& a_node,
                 const RunOptions& a_options, const RunHooks& a_hooks, int concurrency)
    : loop(io),
      plan(&a_plan),
      workspace(&a_workspace),
      node(a_node),
      options(a_options),
      hooks(a_hooks),
      started(Clock::now()),
      deadline(end_of_run(started, a_options, a_plan.endpoints.size())),
      connections(io.get_executor(), concurrency),
      handshakes(io.get_executor(), std::min(concurrency, a_options.handshakes)),
      resolving(io.get_executor(), kResolving),
      cheap_first(io.get_executor()),
      tls(a_options.ca_file),
      http(io.get_executor()),
      ipv6_turns(io.get_executor(), kIpv6Turns),
      discovery(io.get_executor()),
      probes(io.get_executor()),
      controls(io.get_executor()) {
  endpoints.reserve(a_plan.endpoints.size());
  for (const Endpoint& endpoint : a_plan.endpoints) endpoints.push_back(&endpoint);
  if (options.live_list) live_list = LiveList{{}, "the run ended before the list was asked for"};
}

Session::~Session() = default;

void add_servers(Session& session) {
  std::vector<std::string> addresses = session.options.nameservers;
  const bool uses_azure = std::find(addresses.begin(), addresses.end(), kAzureDns) != addresses.end();
  const bool control = session.workspace->on_azure && !uses_azure;
  if (control) addresses.emplace_back(kAzureDns);
  const auto executor = session.loop.get_executor();
  for (const std::string& address : addresses) {
    NameserverState& state = session.servers.emplace_back();
    state.server = std::make_unique<Nameserver>(executor, address);
    state.in_flight = std::make_unique<Limit>(executor, kQuestionsInFlight);
  }
  if (control) session.servers.back().control = true;
}

ProbeRecord& begin_probe(Session& session, ProbeKind kind, std::string target, Purpose purpose) {
  ProbeRecord& record = session.evidence.probes.emplace_back();
  record.id = "p" + std::to_string(session.evidence.probes.size());
  record.kind = kind;
  record.target = std::move(target);
  record.purpose = purpose;
  start_clock(session, record);
  return record;
}

void start_clock(const Session& session, ProbeRecord& record) {
  record.start_ms = ms_between(session.started, Clock::now());
}

void conclude_probe(Session& session, ProbeRecord& record, ProbeStatus status) {
  record.status = status;
  const double now = ms_between(session.started, Clock::now());
  record.duration_ms = now - record.start_ms;
  const auto began = session.started + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double, std::milli>(record.start_ms));
  record.loop_lag_ms = session.lag.since(began);
  if (status != ProbeStatus::unfinished) ++session.finished;
}

void publish_probe(Session& session, const ProbeRecord& record) {
  if (session.hooks.on_probe) session.hooks.on_probe(record);
}

void end_probe(Session& session, ProbeRecord& record, ProbeStatus status) {
  conclude_probe(session, record, status);
  publish_probe(session, record);
}

ProbeStatus status_of(const WireError& error) {
  if (!error) return ProbeStatus::ok;
  return error.failure == Failure::cancelled ? ProbeStatus::unfinished : ProbeStatus::failed;
}

ProbeStatus status_of(const DnsAnswer& answer) {
  if (answer.error.failure == Failure::cancelled) return ProbeStatus::unfinished;
  return answer.rcode ? ProbeStatus::ok : ProbeStatus::failed;
}

Deadline attempt_deadline(const Session& session, Milliseconds timeout) {
  return std::min<Deadline>(Clock::now() + timeout, session.deadline);
}

bool worth_retrying(const Session& session, const WireError& error, int attempts) {
  if (attempts > session.options.retries || Clock::now() >= session.deadline) return false;
  return error.failure == Failure::timeout || error.failure == Failure::reset;
}

}  // namespace amlnet
