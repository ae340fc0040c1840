// Names that lead to the public side of a service when the private one is due: which part of private DNS is
// missing. The answer of 168.63.129.16 separates a zone that is not linked from a server that does not
// forward.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

std::string_view scope_of(const Case& c, const NameView& view) {
  return answer_scope(view, c.facts.workspace);
}

bool gives_private(const Case& c, const NameView& view) {
  return scope_of(c, view) == "private";
}

/// A failing name, or one whose deciding fact is unknown: that one is a risk, never a failure.
bool concerns(const Trail& trail) {
  if (trail.proxied || !trail.names()) return false;
  const bool wrong =
      trail.name_fault == NameFault::public_address || trail.name_fault == NameFault::no_address;
  if (trail.progress == Progress::failed) return trail.open_at(TrailStage::name) && wrong;
  return !trail.endpoint->scope_known;
}

std::string say_of(const Case& c, const Trail& trail, const NameView& view) {
  return fmt::format("{} answers {}", view.server, describe(view, trail.endpoint->host, c.facts.workspace));
}

/// Claims, or warns with the least confidence where the `access` fact is unknown.
void blame(Case& c, Draft& draft, Trail& trail, Confidence confidence) {
  const bool fails = trail.open();
  draft.confidence = fails ? confidence : draft.failing.empty() ? Confidence::candidate : draft.confidence;
  if (!fails) {
    draft.or_else(
        "unknown",
        "Nothing is wrong where this resource is meant to be reached publicly: the workspace file's "
        "\"access\" would tell.");
  }
  c.claim(draft, trail);
  if (!fails) c.touch(draft, trail);
}

/// The server that is wrong: the one that differs from Azure DNS or from what is due, else the later one.
const NameView& odd_one(const Case& c, const Trail& trail, const std::vector<NameView>& views) {
  const auto azure = c.azure_view(trail);
  auto right = azure ? scope_of(c, *azure) : std::string_view();
  if (trail.endpoint->scope == Scope::private_) right = "private";
  for (const auto& view : views) {
    const auto scope = scope_of(c, view);
    if (!right.empty() && !scope.empty() && scope != right) return view;
  }
  const auto first = scope_of(c, views.front());
  for (const auto& view : views) {
    if (!scope_of(c, view).empty() && scope_of(c, view) != first) return view;
  }
  return views.back();
}

}  // namespace

void rule_servers_disagree(Case& c) {
  for (auto& trail : c.trails) {
    if (trail.proxied || !trail.names() ||
        (trail.progress == Progress::failed && !trail.open_at(TrailStage::name)))
      continue;
    const auto views = c.configured_views(trail);
    std::set<std::string_view> scopes;
    for (const auto& view : views) {
      if (const auto scope = scope_of(c, view); !scope.empty()) scopes.insert(scope);
    }
    if (scopes.size() < 2) continue;
    const auto& odd = odd_one(c, trail, views);
    auto& draft = c.draft("dns.servers-disagree", odd.server);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format(
        "Nameserver {} gives other kinds of addresses than the node's other nameservers", odd.server);
    for (const auto& view : views) draft.say(say_of(c, trail, view), trail.dns);
    c.claim(draft, trail);
    c.touch(draft, trail);
  }
}

void rule_not_forwarded(Case& c) {
  for (auto& trail : c.trails) {
    if (!concerns(trail)) continue;
    const auto azure = c.azure_view(trail);
    if (!azure || !gives_private(c, *azure)) continue;
    const auto views = c.configured_views(trail);
    const auto wrong = std::find_if(views.begin(), views.end(), [&](const NameView& v) {
      return v.server != kAzureDns && !scope_of(c, v).empty() && !gives_private(c, v);
    });
    if (wrong == views.end()) continue;
    auto& draft = c.draft("dns.not-forwarded-to-azure", wrong->server);
    draft.title =
        fmt::format("Nameserver {} does not forward Azure's private names to 168.63.129.16", wrong->server);
    draft.say(fmt::format("{}; {}", say_of(c, trail, *wrong), say_of(c, trail, *azure)), trail.dns);
    blame(c, draft, trail, Confidence::certain);
  }
}

void rule_private_record_missing(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::no_address) continue;
    for (const auto& view : c.configured_views(trail)) {
      const bool empty = view.reply == Reply::nxdomain || view.reply == Reply::no_address;
      const auto zone = view.private_zone();
      if (!empty || zone.empty() || !trail.open()) continue;
      auto& draft = c.draft("dns.private-record-missing", trail.endpoint->host);
      draft.confidence = Confidence::certain;
      draft.title = fmt::format("{} has no record in the private DNS zone {}", trail.endpoint->host, zone);
      draft.say(say_of(c, trail, view), trail.dns);
      if (!view.answer->authority.empty()) {
        draft.say(fmt::format("the zone {} says so itself", view.answer->authority.front().owner), trail.dns);
      }
      say_detour(c, draft, trail);
      c.claim(draft, trail);
    }
  }
}

namespace {

bool concerns_zone(const Trail& trail) {
  return concerns(trail) && trail.name_fault != NameFault::no_address;
}

void judge_zone(Case& c, Trail& trail, const NameView& view) {
  auto& draft = c.draft("dns.private-zone-not-linked", view.private_zone());
  draft.title =
      fmt::format("The private DNS zone {} is not linked to the VNet that this node asks", draft.subject);
  const auto azure = c.azure_view(trail);
  const bool same = azure && scope_of(c, *azure) == "public";
  draft.say(say_of(c, trail, view), trail.dns);
  if (same && view.server != kAzureDns)
    draft.say_also(fmt::format("168.63.129.16 says the same of {}", trail.endpoint->host), trail.dns);
  if (!same) {
    draft.or_else(
        "dns.not-forwarded-to-azure",
        "168.63.129.16 gave no answer to compare with: if it answers a private address, the zone is "
        "linked and the nameserver does not forward to it.");
  }
  const bool surer = draft.failing.empty() || draft.confidence == Confidence::certain;
  blame(c, draft, trail, same && surer ? Confidence::certain : Confidence::likely);
}

}  // namespace

void rule_zone_not_linked(Case& c) {
  for (auto& trail : c.trails) {
    if (!concerns_zone(trail)) continue;
    for (const auto& view : c.configured_views(trail)) {
      if (scope_of(c, view) != "public" || view.private_zone().empty()) continue;
      judge_zone(c, trail, view);
      break;
    }
  }
}

void rule_no_private_endpoint(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::public_address) continue;
    auto& draft = c.draft("dns.no-private-endpoint", trail.endpoint->host);
    draft.confidence = Confidence::likely;
    draft.title =
        fmt::format("{} has no private endpoint: its name leads to a public address", trail.endpoint->host);
    draft.say(describe_trail(c, trail) + ", with no privatelink name on the way", trail.dns);
    draft.or_else("dns.private-zone-not-linked",
                  "A private endpoint that exists without its privatelink CNAME would be new: the resource's "
                  "private endpoint connections tell.");
    for (const auto& other : c.trails) {
      const auto account = trail.endpoint->host.substr(0, trail.endpoint->host.find('.') + 1);
      const bool sibling =
          other.endpoint->host != trail.endpoint->host && other.endpoint->host.starts_with(account);
      if (!sibling || !other.names() || other.name_fault != NameFault::none ||
          other.names()->addresses.empty())
        continue;
      if (c.place(other.names()->addresses.front()) != Whereabouts::ours) continue;
      draft.confidence = Confidence::certain;
      draft.say(fmt::format("{}, of the same resource, leads to {}, as it should", other.endpoint->host,
                            other.names()->addresses.front()),
                other.dns);
      break;
    }
    c.claim(draft, trail);
  }
}

}  // namespace amlnet
