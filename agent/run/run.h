// The run: sends every probe of a plan at once on one event loop, within its limits and its deadline, and
// returns what they saw. Used by the check command; the only folder of the agent that knows the event loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/identity/credentials.h"
#include "agent/plan/plan.h"
#include "agent/workspace/live_list.h"
#include "agent/workspace/node.h"
#include "probes/record.h"
#include "probes/time.h"

namespace amlnet {

struct RunOptions {
  Milliseconds timeout{5000};      // one attempt of one probe
  Milliseconds dns_timeout{1000};  // one try of one DNS question
  Milliseconds deadline{60000};    // the whole round, from facts to report
  Milliseconds spent{0};           // of the deadline, before the run began
  int retries = 1;                 // further attempts after a timeout or reset, 0..10
  int concurrency = 1024;          // connections waiting at once, before the file-descriptor limit
  int handshakes = 64;  // handshakes in flight: they cost CPU, and a busy loop would spoil every timing
  std::vector<std::string> nameservers;  // asked one by one and compared, in resolver order
  std::string ca_file;                   // trust store of --ca-file, "" for the system's
  ProxyEnvironment proxies;              // empty: everything goes direct
  bool follow_ups = true;

  IdentityChoice identity = IdentityChoice::none;  // how to get tokens
  Credentials credentials;                         // secret: what the environment gives for it
  /// Makes the plan anew when discovery has found facts. Empty: facts change nothing.
  std::function<Plan(const Workspace&)> replan;
  bool read_resources = true;  // ask Resource Manager for facts that are missing
  /// The workspace without what Resource Manager has told an earlier round, which its answers replace.
  /// Absent: there is no such fact.
  std::optional<Workspace> now_known;
  bool live_list = false;      // ask it for the workspace's own list of dependencies too
  bool discover_only = false;  // no probe of the plan is sent
};

/// What asking for the workspace's own list gave.
struct LiveList {
  std::vector<ListedHost> hosts;
  std::string not_fetched;  // why there are none
};

struct RunHooks {
  /// Called as each probe ends, on the loop's thread. May be empty.
  std::function<void(const ProbeRecord&)> on_probe;
  /// Called at most ten times a second: probes finished, probes begun. May be empty.
  std::function<void(std::size_t done, std::size_t begun)> on_progress;
  /// Something for the person at the terminal to do, one line. May be empty.
  std::function<void(const std::string&)> on_prompt;
};

struct RunResult {
  Evidence evidence;
  bool complete = true;
  std::string incomplete_because;  // "the deadline of 60s came first", "SIGTERM"
  double duration_ms = 0;
  int concurrency = 0;                 // in force after the file-descriptor limit
  std::vector<std::string> problems;   // trust stores that could not be read, ...
  std::optional<Workspace> workspace;  // where discovery found more than the caller knew
  std::optional<Plan> plan;            // and the plan that follows from it
  std::optional<LiveList> live_list;   // where it was asked for
};

/// Runs to the end, the deadline, SIGINT or SIGTERM, whichever is first. Leaves of the deadline what
/// diagnosis and report will need. Throws only for what the program itself cannot do (no epoll, no memory).
/// One run at a time in a process.
RunResult run_plan(const Plan& plan, const Workspace& workspace, const Node& node, const RunOptions& options,
                   const RunHooks& hooks = {});

}  // namespace amlnet
