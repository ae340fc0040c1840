// Which kind of rule mends one failed endpoint: by its cause, and by the facts about the network. Used by
// remedies().
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "agent/plan/plan.h"
#include "agent/remedy/rule.h"
#include "agent/workspace/workspace.h"
#include "probes/record.h"
#include "reports/model/report.h"

namespace amlnet {

struct FailedEndpoint {
  const Endpoint& endpoint;  // as planned
  const Finding& finding;
  std::vector<const ProbeRecord*> probes;  // of the report: hostile
  const Workspace& workspace;
};

/// Why there is no rule, as a sentence for people.
struct NoRule {
  std::string reason;
};

/// More than one kind where only all of them together mend it.
std::variant<std::vector<RuleKind>, NoRule> mend(const FailedEndpoint& failed);

/// The halves of mend(), by what is wrong: packets that do not pass, names that do not resolve as they must.
std::variant<std::vector<RuleKind>, NoRule> mend_path(const FailedEndpoint& failed, bool by_name);
std::variant<std::vector<RuleKind>, NoRule> mend_zone_link(const FailedEndpoint& failed);
std::variant<std::vector<RuleKind>, NoRule> mend_zone_record(const FailedEndpoint& failed);
std::variant<std::vector<RuleKind>, NoRule> mend_without_endpoint(const FailedEndpoint& failed);

/// Whether the compute lives in a network that the workspace manages.
bool is_managed(const Workspace& workspace);

/// The private endpoint rule of the managed network for the resource that the host belongs to.
std::variant<std::vector<RuleKind>, NoRule> managed_endpoint(const FailedEndpoint& failed);

}  // namespace amlnet
