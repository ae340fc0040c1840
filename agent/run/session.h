// What every part of a run shares: the options, the limits, the clients of each protocol, and the records
// that the probes fill. Owned by run_plan(), referred to by its coroutines; single thread.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/identity/audience.h"
#include "agent/run/gate.h"
#include "agent/run/limit.h"
#include "agent/run/loop_lag.h"
#include "agent/run/run.h"
#include "agent/run/task_group.h"
#include "probes/dns.h"
#include "probes/http.h"
#include "probes/target.h"
#include "probes/tls.h"

namespace amlnet {

/// A nameserver and how it has fared, which decides whether waiting for it is worth anything.
struct NameserverState {
  std::unique_ptr<Nameserver> server;
  std::unique_ptr<Limit> in_flight;
  bool control = false;  // 168.63.129.16 where the node does not use it: compared, never obeyed
  int asked = 0, answered = 0, silent = 0;
  int given_up = 0;         // questions that had no answer in all of their tries
  double slowest_ms = 0;    // of its answers
  bool port_asked = false;  // whether it accepts TCP: it has been silent beside others
  bool up = false;          // it does
  Deadline late_until;      // until then its random label listens for a late answer
};

struct NameState;  // agent/run/names.h
struct Question;

/// A service that has answered without a token, and where.
struct NotedService {
  const Endpoint* endpoint = nullptr;
  std::string address;
  std::uint16_t port = 0;
  std::string proxy;  // may hold credentials
  std::string after;  // the record of that answer
};

struct Session {
  Session(asio::io_context& loop, const Plan& plan, const Workspace& workspace, const Node& node,
          const RunOptions& options, const RunHooks& hooks, int concurrency);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  asio::io_context& loop;
  const Plan* plan;            // the caller's, or `found_plan`
  const Workspace* workspace;  // the caller's, or `found_workspace`
  const Node& node;
  const RunOptions& options;
  const RunHooks& hooks;
  const Clock::time_point started;
  const std::int64_t started_wall = std::time(nullptr);  // seconds since the epoch
  const Deadline deadline;

  Limit connections, handshakes;
  Limit resolving;  // endpoints whose name is being resolved: the next one starts when one has its addresses
  LoopLag lag;
  Gate
      cheap_first;  // in a crowd: closed to handshakes until its names are resolved and its connections begun
  TlsClient tls;
  HttpClient http;
  std::vector<NameserverState> servers;  // in resolver order, controls last
  std::unordered_map<std::string, std::unique_ptr<NameState>> names;
  std::deque<std::pair<NameState*, Question*>> ipv6_questions;  // that come after the crowd's handshakes
  Limit ipv6_turns;

  Evidence evidence;  // probes hold references to their records
  std::size_t finished = 0;
  double slowest_connect_ms = 0;  // of the good ones: a canary silent for four times that is unanswered
  Clock::time_point last_control = started;  // when the last control began
  double slowest_answer_ms = 0;              // of good DNS answers, for the same reason
  double slowest_handshake_ms = 0;           // of good handshakes, for large ClientHellos
  std::vector<std::string> large_hellos;     // the domains that were sent one
  std::set<std::string> responders;          // hosts that were asked about revocation
  int large_hellos_waiting = 0;
  Clock::time_point last_large_hello = started;

  std::vector<const Endpoint*> endpoints;   // to probe, each once; grows when facts come late
  std::size_t next_endpoint = 0;            // those before it are being probed
  std::set<std::string> proxies_looked_at;  // those over TLS, as they are shown
  std::set<std::uint16_t> canary_ports;     // that have their canary
  std::optional<Workspace> found_workspace;
  std::optional<Plan> found_plan;
  std::optional<LiveList> live_list;  // there from the start where it is asked for
  bool discovery_settled = false;
  asio::steady_timer discovery;  // cancelled when discovery has settled

  std::optional<IdentityMethod> identity;     // the way that gave a token
  std::map<Audience, std::string> tokens;     // secret
  std::string refresh_token;                  // secret, of a sign-in by device code
  std::string no_token_because;               // why no way gave one
  std::vector<NotedService> noted_services;   // that wait for their token
  std::set<std::string> services_once_noted;  // "host:port"

  std::string incomplete_because;  // why the run was stopped before its end, "" while it was not
  TaskGroup probes;                // what the plan asks for
  TaskGroup controls;              // what must never hold the run up
};

/// The configured nameservers, and Azure's own as a control where the node does not use it.
void add_servers(Session& session);

/// A new record, status unfinished, with the next id. The reference stays valid for the session.
ProbeRecord& begin_probe(Session& session, ProbeKind kind, std::string target, Purpose purpose);
/// Marks the moment the probe really began, after it waited for its slot.
void start_clock(const Session& session, ProbeRecord& record);
/// The outcome is known: status, duration, loop lag. More evidence may still be added until publish_probe().
void conclude_probe(Session& session, ProbeRecord& record, ProbeStatus status);
/// The record is whole: hands it to the hooks.
void publish_probe(Session& session, const ProbeRecord& record);
/// Both at once. A cancelled probe ends as unfinished.
void end_probe(Session& session, ProbeRecord& record, ProbeStatus status);
/// What an error makes of its probe: ok without one, unfinished when the run was stopped, failed otherwise.
ProbeStatus status_of(const WireError& error);
/// The same of a question to one nameserver: whatever it says in a valid message, it has answered.
ProbeStatus status_of(const DnsAnswer& answer);
/// The moment an attempt that starts now must end: one timeout, never beyond the run's deadline.
Deadline attempt_deadline(const Session& session, Milliseconds timeout);
/// A further attempt is due after a timeout or a reset, while attempts are left.
bool worth_retrying(const Session& session, const WireError& error, int attempts);

}  // namespace amlnet
