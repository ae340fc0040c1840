#include "agent/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/catalog/catalog.h"
#include "agent/catalog/host_pattern.h"
#include "agent/catalog/words.h"
#include "agent/plan/conditions.h"
#include "agent/plan/endpoint_set.h"
#include "agent/plan/expansion.h"
#include "agent/plan/glob.h"
#include "agent/workspace/fact_values.h"

namespace amlnet {
namespace {

using Answer = Decision::Answer;

/// What the patterns of one requirement came to.
struct Gathered {
  std::vector<EndpointUse> uses;
  std::vector<std::string> missing;  // facts
  bool wildcard = false;
  std::string because, left_out;  // of endpoints with a condition of their own
};

Protocol protocol_of(const GatewayAlias& alias) {
  return alias.protocol == "http" ? Protocol::http : Protocol::https;
}

Endpoint endpoint_of(const EndpointPattern& pattern, const NamedHost& named, std::uint16_t port,
                     const std::string& tag) {
  Endpoint endpoint;
  endpoint.host = named.host;
  endpoint.port = named.alias ? named.alias->port : port;
  endpoint.protocol = named.alias ? protocol_of(*named.alias) : pattern.protocol;
  endpoint.origin = named.alias ? Origin::gateway_alias : Origin::documented;
  endpoint.scope = named.access == Access::private_ ? Scope::private_ : Scope::any;
  endpoint.scope_known = pattern.access.empty() || named.access.has_value();
  endpoint.expected_address = named.expected_address;
  endpoint.answerer = pattern.answerer;
  endpoint.service_tag = tag;
  if (named.alias) endpoint.ca_file = named.alias->ca_file.value_or("");
  return endpoint;
}

void take_missing(const EndpointPattern& pattern, const std::vector<std::string>& missing, Gathered& out) {
  switch (pattern.if_unknown) {
    case IfUnknown::not_known:
      out.missing.insert(out.missing.end(), missing.begin(), missing.end());
      break;
    case IfUnknown::not_testable:
      out.wildcard = true;
      break;
    case IfUnknown::leave_out:
      out.left_out = fmt::format("only where {} is known", missing.front());
      break;
  }
}

void take_pattern(const EndpointPattern& pattern, const std::string& host, const Requirement& row,
                  const Workspace& workspace, EndpointSet& endpoints, Gathered& out) {
  const Expansion expansion = expand(host, pattern, workspace);
  if (!expansion.missing.empty()) take_missing(pattern, expansion.missing, out);
  if (!expansion.left_out.empty()) out.left_out = expansion.left_out;
  out.wildcard = out.wildcard || expansion.wildcard;
  if (out.because.empty() && (!expansion.hosts.empty() || expansion.wildcard)) {
    const bool optional =
        pattern.if_unknown == IfUnknown::leave_out && expansion.because.empty() && !expansion.hosts.empty();
    out.because = optional ? "the workspace names it" : expansion.because;
  }
  for (const NamedHost& named : expansion.hosts) {
    const std::vector<std::uint16_t> ports = named.alias ? std::vector{named.alias->port} : pattern.ports;
    for (std::uint16_t port : ports) {
      const std::size_t index = endpoints.add(endpoint_of(pattern, named, port, row.service_tag));
      const bool used = std::any_of(out.uses.begin(), out.uses.end(),
                                    [&](const EndpointUse& use) { return use.endpoint == index; });
      if (!used) out.uses.push_back({index, pattern.documented_as, pattern.group});
    }
  }
}

Gathered gather(const Requirement& row, const Workspace& workspace, EndpointSet& endpoints) {
  Gathered out;
  const Cloud cloud = workspace.cloud.value_or(Cloud::public_);
  out.left_out = fmt::format("the documentation lists no host for the cloud {}", name_of(cloud));
  for (const EndpointPattern& pattern : row.endpoints) {
    const auto hosts = pattern.hosts.find(cloud);
    if (hosts == pattern.hosts.end()) continue;
    for (const std::string& host : hosts->second) take_pattern(pattern, host, row, workspace, endpoints, out);
  }
  return out;
}

void sort_unique(std::vector<std::string>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::string listed_facts(const std::vector<std::string>& facts) {
  return fmt::format("{}, which {} not known", fmt::join(facts, " and "), facts.size() > 1 ? "are" : "is");
}

std::string custom_id(const CustomEndpoint& custom) {
  return "custom." + custom.host + ":" + std::to_string(custom.port) +
         (custom.protocol == "udp" ? "/udp" : "");
}

class Planner {
 public:
  Planner(const Workspace& workspace, std::string as_of, Plan& plan)
      : workspace_(workspace), as_of_(std::move(as_of)), plan_(plan), endpoints_(plan.endpoints) {}

  void add(const Requirement& row) {
    PlannedRequirement planned{row.id, row.title,       row.level,  row.direction, false,      "",      {},
                               {},     row.service_tag, row.breaks, row.fix,       row.verify, row.docs};
    judge(row, planned);
    planned.because += source_words(row);
    plan_.requirements.push_back(std::move(planned));
  }

  void add(const CustomEndpoint& custom) {
    PlannedRequirement planned;
    planned.id = custom_id(custom);
    planned.title = custom.why.empty() ? "Custom endpoint " + custom.host : custom.why;
    planned.direction = "outbound";
    planned.applies = true;
    planned.because = "listed under \"custom\" in the workspace file";
    planned.breaks = custom.why.empty() ? "what the workspace file lists it for" : custom.why;
    planned.fix = std::string(custom.protocol == "udp" ? "Allow UDP" : "Allow TCP") + " to port " +
                  std::to_string(custom.port) + " of " + custom.host + ".";
    static constexpr std::pair<std::string_view, Protocol> protocols[] = {{"tls", Protocol::tls},
                                                                          {"https", Protocol::tls},
                                                                          {"http", Protocol::http},
                                                                          {"tcp", Protocol::tcp},
                                                                          {"udp", Protocol::udp}};
    Endpoint endpoint;
    for (const auto& [name, protocol] : protocols) {
      if (custom.protocol == name) endpoint.protocol = protocol;
    }
    endpoint.host = fill_pattern(custom.host, {});
    endpoint.port = custom.port;
    endpoint.origin = Origin::custom;
    planned.uses.push_back({endpoints_.add(std::move(endpoint)), "", ""});
    plan_.requirements.push_back(std::move(planned));
  }

 private:
  void skip(PlannedRequirement& planned, const std::string& because) { planned.because = because; }

  void judge(const Requirement& row, PlannedRequirement& planned) {
    if (!documented_on(row, as_of_)) return skip(planned, why_not_documented(row));
    if (row.platform && !workspace_.on_azure) return skip(planned, "this is not an Azure machine");
    const Decision decision = decide(row.when, workspace_);
    if (decision.answer == Answer::no) return skip(planned, decision.because);
    Gathered gathered;
    if (row.testable) gathered = gather(row, workspace_, endpoints_when_decided(decision));
    const bool nothing = gathered.uses.empty() && gathered.missing.empty() && !gathered.wildcard;
    if (row.testable && nothing) return skip(planned, gathered.left_out);
    planned.applies = true;
    planned.because = reason_of(row, decision, gathered);
    settle_level(row, planned);
    settle_unknown(row, decision, gathered, planned);
  }

  /// Whose row it is, where it is not the documentation's.
  static std::string source_words(const Requirement& row) {
    std::string words;
    if (row.source != builtin_source) words += fmt::format("; from {}", printable(row.source, 200));
    if (!row.level_source.empty())
      words += fmt::format("; {} by {}", level_word(row.level), printable(row.level_source, 200));
    return words;
  }

  std::string why_not_documented(const Requirement& row) const {
    if (row.since > as_of_ && !as_of_.empty()) return fmt::format("not documented before {}", row.since);
    const std::string after =
        row.replaced_by.empty() ? "" : fmt::format("; {} took its place", row.replaced_by);
    return fmt::format("no longer documented since {}{}", row.until, after);
  }

  static std::string reason_of(const Requirement& row, const Decision& decision, const Gathered& gathered) {
    if (!decision.because.empty()) return decision.because;
    if (!gathered.because.empty()) return gathered.because;
    return row.platform ? "this is an Azure machine" : "every node needs it";
  }

  /// Endpoints of a requirement that may not apply are not probed: they go to a set that is thrown away.
  EndpointSet& endpoints_when_decided(const Decision& decision) {
    return decision.answer == Answer::yes ? endpoints_ : unused_;
  }

  void settle_level(const Requirement& row, PlannedRequirement& planned) {
    for (const auto& [condition, level] : row.level_when) {
      const Decision decision = decide(condition, workspace_);
      if (decision.answer != Answer::yes) continue;
      planned.level = level;
      planned.because += fmt::format("; {} because {}", level_word(level), decision.because);
      return;
    }
  }

  static std::string_view level_word(Level level) {
    return level == Level::required ? "required" : level == Level::recommended ? "recommended" : "optional";
  }

  void settle_unknown(const Requirement& row, const Decision& decision, Gathered& gathered,
                      PlannedRequirement& planned) {
    if (!row.testable) {
      planned.unknown = Unknown::not_testable;
      return;
    }
    std::vector<std::string>& missing = gathered.missing;
    const bool only_wildcards = gathered.wildcard && gathered.uses.empty() && missing.empty();
    // A fact that only decides whether a wildcard applies is not worth asking for: no probe would follow.
    if (!only_wildcards) missing.insert(missing.end(), decision.missing.begin(), decision.missing.end());
    sort_unique(missing);
    if (decision.answer == Answer::yes) planned.uses = std::move(gathered.uses);
    if (!missing.empty()) {
      planned.unknown = Unknown::not_known;
      if (decision.answer == Answer::yes) planned.because += "; needs " + listed_facts(missing);
      for (const std::string& fact : missing) note_missing(fact, row.id);
    } else if (gathered.wildcard) {
      planned.unknown = Unknown::not_testable;
      planned.because += "; a wildcard, and no name below it is known";
    }
  }

  void note_missing(const std::string& fact, const std::string& id) {
    const auto same = std::find_if(plan_.missing.begin(), plan_.missing.end(),
                                   [&](const MissingFact& missing) { return missing.fact == fact; });
    if (same != plan_.missing.end()) {
      same->requirements.push_back(id);
    } else {
      plan_.missing.push_back({fact, how_to_give(fact), {id}});
    }
  }

  const Workspace& workspace_;
  std::string as_of_;
  Plan& plan_;
  EndpointSet endpoints_;
  std::vector<Endpoint> thrown_away_;
  EndpointSet unused_{thrown_away_};
};

bool passes(const PlanFilter& filter, const std::string& id) {
  const auto matches = [&](const std::string& glob) { return glob_matches(glob, id); };
  const bool wanted = filter.only.empty() || std::any_of(filter.only.begin(), filter.only.end(), matches);
  return wanted && std::none_of(filter.skip.begin(), filter.skip.end(), matches);
}

}  // namespace

std::vector<std::string> requirement_ids(const Catalog& catalog, const Workspace& workspace) {
  std::vector<std::string> ids;
  for (const Requirement& row : catalog.requirements) ids.push_back(row.id);
  for (const CustomEndpoint& custom : workspace.custom) ids.push_back(custom_id(custom));
  return ids;
}

Plan make_plan(const Catalog& catalog, const Workspace& workspace, const PlanFilter& filter) {
  Plan plan;
  Planner planner(workspace, filter.as_of, plan);
  for (const Requirement& row : catalog.requirements) {
    if (passes(filter, row.id)) planner.add(row);
  }
  for (const CustomEndpoint& custom : workspace.custom) {
    if (passes(filter, custom_id(custom))) planner.add(custom);
  }
  // It stays for the whole run: no room for rows that will not come.
  plan.requirements.shrink_to_fit();
  plan.endpoints.shrink_to_fit();
  return plan;
}

}  // namespace amlnet
