// The report of one run: amlnet.report/1 as a struct. Commands build it, the JSON codec stores and reads it,
// writers render it. Plain data; no invariant beyond what the field comments say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"
#include "reports/model/finding.h"
#include "reports/model/json_object.h"

namespace amlnet {

enum class Level { required, recommended, optional };
enum class Status { pass, fail, unknown, skipped };
enum class Unknown { not_testable, not_known, not_finished };
enum class Verdict { pass, warn, fail, incomplete };
std::string_view name_of(Level);
std::string_view name_of(Status);
std::string_view name_of(Unknown);
std::string_view name_of(Verdict);

/// How many requirements of one level ended how.
struct Tally {
  int pass = 0, fail = 0, unknown = 0, skipped = 0;
};

struct DocReference {
  std::string document;
  std::string section;
  std::string date;  // "2026-03-19"
  std::string url;
};

struct EndpointReport {
  std::string host;
  std::string documented_as;  // "*.blob.core.windows.net"
  int port = 0;
  std::string protocol;  // tls, tcp, udp, http, https
  Status status = Status::unknown;
  std::optional<Unknown> unknown_because;
  std::string finding;              // "F1", empty when none
  std::vector<std::string> probes;  // ids, in stage order
};

struct RequirementReport {
  std::string id;
  std::string title;
  Level level = Level::required;
  std::string direction = "outbound";
  Status status = Status::unknown;  // in a plan: written as "planned"
  std::optional<Unknown> unknown_because;
  std::string because;  // why it applies, or why it was skipped
  std::vector<EndpointReport> endpoints;
  std::vector<DocReference> docs;
};

/// A host and its ports that only one side knows, and who names it: the list's category, or requirement ids.
struct LiveDifference {
  std::string host;  // from the network, where the list names it
  std::vector<int> ports;
  std::vector<std::string> named_by;
};

/// The plan beside the list of dependencies that the workspace itself gives (`check --live-requirements`).
struct LiveRequirements {
  std::string not_compared;                  // why there is no list; "" where there is one
  int listed = 0;                            // hosts of the list
  std::vector<LiveDifference> only_listed;   // not in the plan: nothing of this was probed
  std::vector<LiveDifference> only_planned;  // documented for this workspace, and not in its list
};

struct Report {
  struct Tool {
    std::string version, catalog_version, catalog_sha256;
    std::string catalog_date;  // of the newest documentation in the catalog, "2026-03-19"
  } tool;
  struct Run {
    std::string id;                 // UUID
    std::string started, finished;  // RFC 3339, UTC
    double duration_ms = 0;
    bool complete = true;
    std::string incomplete_because;
    int attempt = 1;
    int concurrency = 0;  // the cap in force, after the file-descriptor limit
  } run;
  struct Node {
    std::string hostname, os, kernel, region, vm_size;
    std::vector<std::string> interfaces;  // "eth0 10.0.1.7/24"
    std::vector<std::string> resolvers, search_domains;
    std::vector<std::pair<std::string, std::string>> proxy;  // variable and value, without credentials
    std::optional<double> clock_offset_ms;
    // What diagnosis reads of the kernel and of discovery; absent in what a plan or an older version wrote.
    std::optional<bool> on_azure = {}, default_route = {}, resolver_defaulted = {};
    std::optional<std::int64_t> conntrack_count = {}, conntrack_max = {};
  } node;
  JsonObject workspace;  // contract section 2 as used, plus "sources": fact path -> where it came from
  struct Summary {
    Verdict verdict = Verdict::incomplete;
    Tally required, recommended, optional;
  } summary;
  std::vector<Finding> findings;
  std::vector<RequirementReport> requirements;
  std::optional<LiveRequirements> live_requirements;  // where the run was asked to compare
  Certificates certificates;
  Probes probes;
};

}  // namespace amlnet
