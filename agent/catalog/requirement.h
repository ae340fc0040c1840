// One requirement of the documentation, as the catalog's JSON writes it. Planning decides which apply;
// diagnosis and reports quote them. Plain data, made by agent/catalog/catalog.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/workspace/workspace.h"
#include "reports/model/report.h"

namespace amlnet {

/// https: TLS, then the answerer's HTTP signature. wss: the same, then the upgrade to WebSocket.
enum class Protocol { tls, https, wss, http, tcp, udp };
std::string_view name_of(Protocol);

/// The kind of address a name must resolve to here.
enum class Scope { any, private_, public_ };
std::string_view name_of(Scope);

/// When a requirement, an endpoint or a level applies; an empty list sets no condition. All conditions must
/// hold.
struct Condition {
  std::vector<Cloud> clouds;
  std::vector<ComputeKind> compute;
  std::vector<std::string> any_feature;  // at least one of these
  std::vector<std::string> no_feature;   // none of these
  /// Fact path -> the values that satisfy it: {"workspace.access": {"private", "unknown"}}. Where the fact is
  /// absent the condition holds if "unknown" is among them, and cannot be decided otherwise
  /// (agent/plan/conditions).
  std::map<std::string, std::vector<std::string>> facts;
};

/// What an absent fact makes of an endpoint that needs it for its name.
enum class IfUnknown {
  not_known,     // the requirement is unknown until somebody gives the fact
  not_testable,  // nobody can be expected to know it: the documented wildcard cannot be probed
  leave_out,     // the endpoint matters only where the fact is there
};

/// Hosts of one requirement. Patterns hold placeholders in angle brackets that planning fills from workspace
/// facts: <region>, <workspace-id>, <workspace>, <compute>, <storage>, <vault>, <registry>,
/// <registry-region>, <batch-account>, <endpoint>, <alias>. A pattern that begins with "*." is a wildcard
/// that has no known name: it is never probed.
struct EndpointPattern {
  std::map<Cloud, std::vector<std::string>> hosts;
  std::string documented_as;  // the wildcard or pattern of the documentation, where it differs
  std::vector<std::uint16_t> ports;
  Protocol protocol = Protocol::tls;
  std::string access;    // the fact that decides the scope: "workspace", "storage", "key-vault", "registry",
                         // "gateway", ""
  std::string answerer;  // who must answer over HTTP (agent/catalog/answerer), "" where unknown
  std::string group;     // alternatives: one pass among equal groups is enough; "" stands alone
  Condition when;        // may ask for "storage_accounts.access", of each account by itself
  IfUnknown if_unknown = IfUnknown::not_known;
};

struct Requirement {
  std::string id, title;
  Level level = Level::required;
  std::string direction = "outbound";
  Condition when;
  /// Level changes under a condition, the first that holds wins: RStudio makes 8787 required.
  std::vector<std::pair<Condition, Level>> level_when;
  std::vector<EndpointPattern> endpoints;
  bool testable = true;   // false: service-tag, route and inbound rows, which no probe of a node can show
  bool platform = false;  // metadata service, 168.63.129.16: only on an Azure machine
  std::string service_tag;
  std::string breaks;  // what stops working without it
  std::string fix;     // what to allow, in one sentence
  std::string verify;  // for rows that are not testable: how to verify them
  std::vector<DocReference> docs;
  std::string since, until;  // days of the documentation, "2023-01-20"; "" is open
  std::string replaced_by;   // the id that took over at `until`
  std::string source;        // "built-in" or the file it came from
  std::string level_source;  // the file that set its level, "" where the row's own level holds
};

/// Whether `row` was in the documentation on `day` ("2021-09-14"); "" asks for the newest. `until` is the
/// first day without it.
bool documented_on(const Requirement& row, const std::string& day);

/// A level that an organization sets for a requirement of another catalog.
struct LevelOverride {
  std::string id;
  Level level = Level::required;
  int line = 0;  // in its file
};

struct Catalog {
  std::string version, sha256, date;  // date: of the newest documentation in it
  std::string name;                   // what errors call it
  std::vector<Requirement> requirements;
  std::vector<LevelOverride> levels;  // in the file's order
};

}  // namespace amlnet
