// Answers that somebody changed: policies, resolvers that invent addresses, search suffixes that catch names.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

bool in(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// Claims the trails that lead to the addresses a server gives to names that cannot exist.
void blame_inventor(Case& c, const ServerState& server) {
  auto& draft = c.draft("dns.hijacked", server.server);
  draft.confidence = Confidence::certain;
  draft.title = fmt::format("Nameserver {} invents addresses for names that do not exist", server.server);
  draft.say(fmt::format("{} answers {} for the random name {}", server.server,
                        joined(server.random_addresses), server.random->target),
            server.random);
  for (auto& trail : c.trails) {
    if (!trail.open() || trail.proxied || !trail.names() || trail.names()->addresses.empty()) continue;
    const auto& used = trail.names()->addresses;
    const bool all =
        std::all_of(used.begin(), used.end(), [&](const auto& a) { return in(server.random_addresses, a); });
    if (!all || trail.names()->answered_by != server.server) continue;
    draft.say(fmt::format("{} gets the same: {}", trail.endpoint->host, joined(used)), trail.dns);
    c.claim(draft, trail);
  }
}

/// Documented names that got a loopback or unspecified address from DNS.
void blame_sinks(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open() || trail.name_fault != NameFault::sink || !trail.names()->hosts_file.empty()) continue;
    auto& draft = c.draft("dns.hijacked", trail.names()->answered_by);
    draft.confidence = Confidence::certain;
    if (draft.title.empty())
      draft.title = fmt::format("Nameserver {} sends names to this machine itself", draft.subject);
    draft.say(fmt::format("{} gets {}, which is never its address", trail.endpoint->host,
                          joined(trail.names()->addresses)),
              trail.dns);
    c.claim(draft, trail);
  }
}

/// The address came from a name with a search suffix: the server did not give it for the name itself.
bool was_captured(const Case& c, const Trail& trail) {
  if (!detour_of(c, trail).empty()) return true;
  if (!trail.names()->search_first) return false;
  const auto views = views_of(*trail.names(), trail.endpoint->host);
  return std::none_of(views.begin(), views.end(), [&](const NameView& view) {
    return in(view.addresses, trail.names()->addresses.front());
  });
}

/// One address for failing hosts of unrelated vendors: three or more, since private endpoints and content
/// networks share addresses among a few.
void blame_shared_sink(Case& c) {
  std::map<std::pair<std::string, std::string>, std::vector<Trail*>> shared;
  for (auto& trail : c.trails) {
    const bool named = trail.open() && !trail.proxied && trail.names() && !trail.names()->addresses.empty();
    if (!named || trail.endpoint->origin != Origin::documented || was_captured(c, trail)) continue;
    shared[{trail.names()->answered_by, trail.names()->addresses.front()}].push_back(&trail);
  }
  for (auto& [key, trails] : shared) {
    std::set<std::string> hosts, vendors;
    for (const auto* trail : trails) {
      hosts.insert(trail->endpoint->host);
      vendors.insert(vendor_of(trail->endpoint->host));
    }
    if (hosts.size() < 3 || vendors.size() < 2) continue;
    auto& draft = c.draft("dns.hijacked", key.first);
    if (draft.title.empty()) {
      draft.title =
          fmt::format("Nameserver {} sends unrelated names to the one address {}", key.first, key.second);
    }
    for (auto* trail : trails) {
      draft.say(fmt::format("{} gets {}", trail->endpoint->host, key.second), trail->dns);
      c.claim(draft, *trail);
    }
    if (draft.confidence != Confidence::certain) {
      draft.or_else("unknown",
                    "A gateway of your own may stand in for these names on purpose, and fail: what another "
                    "nameserver answers for them, and who owns the address, would tell.");
    }
  }
}

/// The addresses that a suffixed form of the name got, and that form.
std::pair<std::string, std::vector<std::string>> captured(const Case& c, const Trail& trail) {
  for (const auto& name : trail.names()->searched) {
    for (const auto& view : c.configured_views(*trail.names(), name)) {
      if (view.reply == Reply::address) return {name, view.addresses};
    }
  }
  return {};
}

}  // namespace

void rule_blocked_by_policy(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name)) continue;
    for (const auto& view : c.configured_views(trail)) {
      if (!view.blocked_by_policy()) continue;
      auto& draft = c.draft("dns.blocked-by-policy", trail.endpoint->host);
      draft.confidence = Confidence::certain;
      draft.title = fmt::format("An Azure DNS security policy blocks {}", trail.endpoint->host);
      draft.say(
          fmt::format("{} answers {}", view.server, describe(view, trail.endpoint->host, c.facts.workspace)),
          trail.dns);
      c.claim(draft, trail);
    }
  }
}

void rule_hijacked(Case& c) {
  for (const auto& [name, server] : c.servers) {
    if (server.configured && server.random != nullptr) blame_inventor(c, server);
  }
  blame_sinks(c);
  blame_shared_sink(c);
}

void rule_search_domain_capture(Case& c) {
  for (auto& trail : c.trails) {
    if (trail.proxied || !trail.names() || !trail.names()->search_first) continue;
    if (trail.progress == Progress::failed && !trail.open()) continue;
    const auto [name, addresses] = captured(c, trail);
    if (addresses.empty()) continue;
    auto& draft = c.draft("dns.search-domain-capture", "node");
    draft.confidence = Confidence::certain;
    draft.title = "A search domain catches names that belong elsewhere";
    draft.say(fmt::format("programs on this node ask {} before {}, and get {}", name, trail.endpoint->host,
                          joined(addresses)),
              trail.dns);
    const auto& used = trail.names()->addresses;
    const bool misled = !used.empty() && std::all_of(used.begin(), used.end(),
                                                     [&](const auto& a) { return in(addresses, a); });
    if (trail.progress == Progress::failed && !misled) continue;
    c.claim(draft, trail);
    c.touch(draft, trail);
  }
}

}  // namespace amlnet
