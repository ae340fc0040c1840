// Names without an address, and names with an address that cannot be right.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

/// Claims names for which every configured server that said something gave `reply`.
void blame_empty(Case& c, std::string_view cause, Reply reply, std::string_view words) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::no_address) continue;
    const auto views = c.configured_views(trail);
    const auto view =
        std::find_if(views.begin(), views.end(), [&](const NameView& v) { return v.reply == reply; });
    if (view == views.end()) continue;
    auto& draft = c.draft(cause, trail.endpoint->host);
    draft.confidence = Confidence::certain;
    draft.title = fmt::format("{} {}", trail.endpoint->host, words);
    draft.say(describe_trail(c, trail), trail.dns);
    if (const auto azure = c.azure_view(trail);
        azure && azure->reply == Reply::address && view->server != kAzureDns) {
      draft.confidence = Confidence::likely;
      draft.say(
          fmt::format("168.63.129.16 answers {}", describe(*azure, trail.endpoint->host, c.facts.workspace)),
          trail.dns);
      draft.or_else(
          "dns.not-forwarded-to-azure",
          "Azure DNS knows the name and this nameserver does not: forwarding its zone would mend it.");
    }
    say_detour(c, draft, trail);
    c.claim(draft, trail);
  }
}

std::string why_wrong(const Trail& trail) {
  const auto& e = *trail.endpoint;
  switch (trail.name_fault) {
    case NameFault::own_address:
      return "leads to this node's own address; it must lead to the workspace's private endpoint";
    case NameFault::foreign_address:
      return "leads to a private address outside every prefix of the workspace";
    case NameFault::private_address:
      return "leads to a private address, and a public one is due";
    default:
      break;
  }
  return e.expected_address.empty()
             ? "does not lead to the workspace's private endpoint, as an instance's name must"
             : fmt::format("does not lead to {}, the address that the workspace file declares",
                           e.expected_address);
}

bool wrong_address(NameFault fault) {
  return fault == NameFault::own_address || fault == NameFault::foreign_address ||
         fault == NameFault::not_the_declared || fault == NameFault::private_address;
}

/// An address that was tried and stayed silent belongs to tcp.private-endpoint-silent unless something
/// contradicts it.
bool silent_foreign(const Trail& trail) {
  if (trail.name_fault != NameFault::foreign_address || trail.addresses.empty()) return false;
  return std::all_of(trail.addresses.begin(), trail.addresses.end(), [](const AddressTrail& a) {
    const auto* tcp = detail_of<TcpDetail>(a.connect);
    return tcp && tcp->error.failure == Failure::timeout;
  });
}

}  // namespace

void rule_name_not_found(Case& c) {
  blame_empty(c, "dns.name-not-found", Reply::nxdomain, "does not exist in DNS");
}

void rule_no_address(Case& c) {
  blame_empty(c, "dns.no-address", Reply::no_address, "exists in DNS without an address record");
}

void rule_wrong_private_address(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || !wrong_address(trail.name_fault) || silent_foreign(trail))
      continue;
    auto& draft = c.draft("dns.wrong-private-address", trail.endpoint->host);
    draft.confidence =
        trail.name_fault == NameFault::foreign_address ? Confidence::likely : Confidence::certain;
    draft.title = fmt::format("{} {}", trail.endpoint->host, why_wrong(trail));
    draft.say(describe_trail(c, trail), trail.dns);
    const Trail* api = workspace_api(c);
    const bool compared =
        trail.name_fault == NameFault::own_address || trail.name_fault == NameFault::not_the_declared;
    if (api && compared && trail.endpoint->expected_address.empty())
      draft.say(describe_trail(c, *api), api->dns);
    if (trail.name_fault == NameFault::foreign_address) {
      draft.or_else("unknown",
                    "The prefixes in the workspace file may be incomplete: add those of peered and "
                    "on-premises networks to network.vnet.");
    }
    if (const auto* row = trail.shown(); row && row->last())
      draft.say(describe_connect(*row->last()), row->last());
    std::erase_if(draft.evidence, [](const EvidenceLine& e) { return e.text.empty(); });
    c.claim(draft, trail);
  }
}

void rule_alias_not_private(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open_at(TrailStage::name) || trail.name_fault != NameFault::alias_outside) continue;
    auto& draft = c.draft("gateway.alias-not-private", trail.endpoint->host);
    draft.confidence = Confidence::certain;
    const auto& managed = c.facts.workspace.app_gateway.managed_vnet;
    const auto due =
        managed.empty() ? std::string("private addresses") : "the managed VNet " + joined(managed);
    draft.title = fmt::format("The gateway alias {} does not lead into {}", trail.endpoint->host, due);
    draft.say(describe_trail(c, trail), trail.dns);
    c.claim(draft, trail);
  }
}

/// All aliases of one gateway share the address of its managed private endpoint. The address that most have
/// is taken to be right; an alias elsewhere is at fault where it fails, and at risk where it passes.
void rule_aliases_differ(Case& c) {
  std::map<std::string, std::vector<Trail*>> by_address;
  for (auto& trail : c.trails) {
    const bool alias = trail.endpoint->origin == Origin::gateway_alias && trail.names() && !trail.proxied;
    if (!alias || trail.name_fault != NameFault::none || trail.names()->addresses.empty()) continue;
    by_address[trail.names()->addresses.front()].push_back(&trail);
  }
  if (by_address.size() < 2) return;
  const auto main = std::max_element(by_address.begin(), by_address.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  auto& draft = c.draft("gateway.aliases-differ", "node");
  draft.confidence = Confidence::certain;
  draft.title = "The aliases of the gateway lead to different addresses";
  for (const auto& [address, trails] : by_address) {
    std::vector<std::string> hosts;
    for (const auto* trail : trails) hosts.push_back(trail->endpoint->host);
    draft.say(fmt::format("{} leads to {}", joined(hosts), address), trails.front()->dns);
    if (address == main->first) continue;
    for (auto* trail : trails) {
      c.claim(draft, *trail);
      c.touch(draft, *trail);
    }
  }
}

}  // namespace amlnet
