// The plan: which requirements apply to this workspace and why, and every endpoint to probe, each once
// however many requirements need it. Pure: catalog and facts in, plan out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/catalog/requirement.h"
#include "agent/workspace/workspace.h"
#include "reports/model/report.h"

namespace amlnet {

/// Where an endpoint comes from: documented ones are judged by public issuers, the others by their own roots.
enum class Origin { documented, gateway_alias, custom };

struct Endpoint {
  std::string host;  // a name, or a numeric address (168.63.129.16)
  std::uint16_t port = 0;
  Protocol protocol = Protocol::tls;
  Origin origin = Origin::documented;
  Scope scope = Scope::any;      // `any` also where the deciding `access` fact is unknown
  bool scope_known = true;       // false: the fact that decides the scope is unknown (contract section 2)
  std::string expected_address;  // declared by the user, "" if none
  std::string answerer;          // "" where none is known
  std::string service_tag;
  std::string ca_file;  // a private root that may sign this host
};

/// One use of an endpoint by a requirement.
struct EndpointUse {
  std::size_t endpoint = 0;   // index into Plan::endpoints
  std::string documented_as;  // "*.blob.core.windows.net"
  std::string group;          // equal non-empty groups: one pass is enough
};

struct PlannedRequirement {
  std::string id, title;
  Level level = Level::required;
  std::string direction;
  bool applies = false;
  std::string because;  // why it applies, or why not
  /// Known before probing: not_testable, or not_known with the missing fact in `because`. Where there are
  /// uses as well, they are the part that can be probed: one that fails, fails the requirement; passes leave
  /// it unknown.
  std::optional<Unknown> unknown;
  std::vector<EndpointUse> uses;
  std::string service_tag, breaks, fix, verify;
  std::vector<DocReference> docs;
};

/// A fact that applying rows need, and the option or key that gives it.
struct MissingFact {
  std::string fact;                       // "workspace.id"
  std::string how;                        // "--config FILE with workspace.id"
  std::vector<std::string> requirements;  // which rows wait for it
};

struct Plan {
  std::vector<PlannedRequirement>
      requirements;  // all of the catalog that the filters let through, in catalog order
  std::vector<Endpoint> endpoints;
  std::vector<MissingFact> missing;
};

struct PlanFilter {
  std::vector<std::string> only, skip;  // globs on requirement ids; empty `only` is all
  std::string as_of = {};               // the documentation as of this day, "2021-09-14"; "" is the newest
};

/// Every id that a filter can name: of the catalog's rows, then of the workspace file's own endpoints.
std::vector<std::string> requirement_ids(const Catalog& catalog, const Workspace& workspace);

Plan make_plan(const Catalog& catalog, const Workspace& workspace, const PlanFilter& filter = {});

}  // namespace amlnet
