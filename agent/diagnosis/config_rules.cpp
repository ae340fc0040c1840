// What is wrong before any packet: names, aliases, hosts files and facts that are missing.
#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

/// Claims a failing trail, or puts one that passed at risk.
void blame(Case& c, Draft& draft, Trail& trail) {
  c.claim(draft, trail);
  if (trail.finding != draft.index) c.touch(draft, trail);
}

bool same_place(const Case& c, const std::string& a, const std::string& b) {
  return c.place(a) == c.place(b);
}

/// The pinned addresses that no nameserver gives. Empty where DNS gives none at all, or only ones of another
/// kind than those that work: a hosts file is a documented way to name private endpoints.
std::vector<std::string> stray_pins(const Case& c, const Trail& trail,
                                    const std::vector<std::string>& given) {
  const auto& pins = trail.names()->hosts_file;
  std::vector<std::string> stray;
  for (const auto& pin : pins) {
    if (std::find(given.begin(), given.end(), pin) == given.end()) stray.push_back(pin);
  }
  if (trail.progress == Progress::failed) return stray;
  const bool replaces = !given.empty() && !pins.empty() && same_place(c, pins.front(), given.front());
  return replaces ? stray : std::vector<std::string>();
}

/// Why Resource Manager did not give them.
void say_why_not_found(const Case& c, Draft& draft) {
  const auto asked = c.controls.find("resource-manager");
  if (asked == c.controls.end()) return;
  for (const auto* record : asked->second) {
    const auto* http = detail_of<HttpDetail>(*record);
    if (http == nullptr || http->status == 200) continue;
    const auto how = http->status != 0 ? fmt::format("answers HTTP {}", http->status)
                                       : fmt::format("is {}", words_of(http->error.failure));
    draft.say_also(fmt::format("Resource Manager {} to the question for {}{}{}", how, http->url,
                               record->note.empty() ? "" : ": ", record->note),
                   record);
    if (http->status == 403)
      draft.steps.emplace_back(
          "Or assign the role Reader on the workspace to the node's identity: then they are discovered.");
  }
}

}  // namespace

void rule_privatelink_name(Case& c) {
  for (auto& trail : c.trails) {
    if (private_zone_of(trail.endpoint->host).empty()) continue;
    auto& draft = c.draft("config.privatelink-name", trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} is a privatelink name, which no certificate carries", trail.endpoint->host);
    draft.say(
        fmt::format("{} is configured as the host; the services' certificates carry the public names only",
                    trail.endpoint->host),
        trail.dns);
    blame(c, draft, trail);
  }
}

void rule_alias_labels(Case& c) {
  for (auto& trail : c.trails) {
    const auto& host = trail.endpoint->host;
    if (trail.endpoint->origin != Origin::gateway_alias || is_address(host)) continue;
    const auto labels = 1 + std::count(host.begin(), host.end(), '.');
    if (labels >= 3) continue;
    auto& draft = c.draft("config.alias-labels", host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("The gateway alias {} has {} labels, three are needed", host, labels);
    draft.say(fmt::format("app_gateway.aliases names {}, which has {} labels", host, labels));
    blame(c, draft, trail);
  }
}

void rule_alias_on_spark(Case& c) {
  const auto kind = c.facts.workspace.compute.kind;
  if (kind != ComputeKind::spark && kind != ComputeKind::synapse_spark) return;
  for (auto& trail : c.trails) {
    if (trail.endpoint->origin != Origin::gateway_alias) continue;
    auto& draft = c.draft("config.alias-on-spark", "node");
    draft.confidence = Confidence::certain;
    draft.title = "Application Gateway aliases do not work on Spark compute";
    draft.say(fmt::format("compute.kind is Spark and app_gateway.aliases names {}", trail.endpoint->host));
    blame(c, draft, trail);
  }
}

void rule_hosts_override(Case& c) {
  for (auto& trail : c.trails) {
    if (trail.proxied || !trail.names() || trail.names()->hosts_file.empty()) continue;
    if (trail.progress == Progress::failed && !trail.open()) continue;
    std::vector<std::string> given;
    for (const auto& view : c.configured_views(trail))
      given.insert(given.end(), view.addresses.begin(), view.addresses.end());
    const auto stray = stray_pins(c, trail, given);
    if (stray.empty()) continue;
    auto& draft = c.draft("config.hosts-override", trail.endpoint->host);
    const bool wrong = trail.progress == Progress::failed && trail.stage == TrailStage::name;
    draft.confidence = wrong || trail.progress != Progress::failed ? Confidence::certain : Confidence::likely;
    draft.title = fmt::format("The hosts file pins {} to {}, which DNS does not give", trail.endpoint->host,
                              joined(stray));
    draft.say(fmt::format("/etc/hosts has {} for {}; DNS gives {}", joined(stray), trail.endpoint->host,
                          given.empty() ? "no address" : joined(given)),
              trail.dns);
    if (draft.confidence != Confidence::certain) {
      draft.say(describe_trail(c, trail), probe_of(trail));
      draft.or_else("unknown",
                    "The pinned address may be right and fail for a reason of its own: remove the line and "
                    "check again.");
    }
    blame(c, draft, trail);
  }
}

void rule_missing_facts(Case& c) {
  if (c.facts.plan.missing.empty()) return;
  auto& draft = c.draft("config.facts-missing", "workspace");
  draft.info = true;
  draft.confidence = Confidence::certain;
  std::vector<std::string> facts;
  for (const auto& fact : c.facts.plan.missing) {
    facts.push_back(fact.fact);
    draft.say_also(fmt::format("{} is not known; {} wait for it. It comes from {}", fact.fact,
                               joined(fact.requirements, 6), fact.how));
    draft.steps.push_back(fmt::format("Give {} by {}.", fact.fact, fact.how));
  }
  say_why_not_found(c, draft);
  draft.title = fmt::format("Facts about the workspace are missing: {}", joined(facts, 8));
}

}  // namespace amlnet
