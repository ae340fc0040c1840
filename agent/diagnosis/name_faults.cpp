// Whether a name leads where it must. A wrong scope fails an endpoint even where TLS and HTTP pass (contract
// section 2), because the service behind the wrong address admits today what its network rules refuse
// tomorrow.
#include <algorithm>

#include "agent/diagnosis/case.h"
#include "agent/plan/scope.h"

namespace amlnet {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// IPv4 where there is any: Azure's private endpoints and their zones are IPv4.
std::vector<std::string> judged_addresses(const DnsDetail& names) {
  std::vector<std::string> v4;
  std::copy_if(names.addresses.begin(), names.addresses.end(), std::back_inserter(v4),
               [](const std::string& a) { return !contains(a, ":"); });
  return v4.empty() ? names.addresses : v4;
}

bool any_in(const Case& c, const std::vector<std::string>& addresses, Whereabouts place) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) { return c.place(a) == place; });
}

bool inside(const std::string& address, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& p) { return in_prefix(address, p); });
}

NameFault fault_of_alias(const Case& c, const std::vector<std::string>& addresses) {
  const auto& managed = c.facts.workspace.app_gateway.managed_vnet;
  const bool right = std::all_of(addresses.begin(), addresses.end(), [&](const auto& a) {
    if (contains(a, ":")) return false;  // only gateways over IPv4 are supported
    return managed.empty() ? c.place(a) == Whereabouts::ours || c.place(a) == Whereabouts::foreign
                           : inside(a, managed);
  });
  return right ? NameFault::none : NameFault::alias_outside;
}

NameFault fault_of_scope(const Case& c, const Endpoint& e, const std::vector<std::string>& addresses) {
  if (e.scope == Scope::private_ && any_in(c, addresses, Whereabouts::internet))
    return NameFault::public_address;
  const bool declared = std::find(addresses.begin(), addresses.end(), e.expected_address) != addresses.end();
  if (!e.expected_address.empty() && !declared) return NameFault::not_the_declared;
  if (e.expected_address.empty() && e.scope == Scope::private_ &&
      any_in(c, addresses, Whereabouts::foreign)) {
    return NameFault::foreign_address;
  }
  const bool ours = any_in(c, addresses, Whereabouts::ours) || any_in(c, addresses, Whereabouts::foreign);
  return e.scope == Scope::public_ && ours ? NameFault::private_address : NameFault::none;
}

std::vector<std::string> addresses_of_workspace(const Case& c) {
  const Trail* api = workspace_api(c);
  return api ? judged_addresses(*api->names()) : std::vector<std::string>();
}

NameFault fault_of_instance(const Case& c, const std::vector<std::string>& addresses,
                            const std::vector<std::string>& api) {
  for (const auto& interface : c.facts.node.interfaces) {
    if (std::find(addresses.begin(), addresses.end(), interface.address) != addresses.end())
      return NameFault::own_address;
  }
  const auto ours = [&](const std::string& a) { return c.place(a) == Whereabouts::ours; };
  const bool comparable = !api.empty() && std::all_of(api.begin(), api.end(), ours) &&
                          std::all_of(addresses.begin(), addresses.end(), ours);
  const bool shared = std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) {
    return std::find(api.begin(), api.end(), a) != api.end();
  });
  return comparable && !shared ? NameFault::not_the_declared : NameFault::none;
}

NameFault fault_of(const Case& c, const Trail& trail, const std::vector<std::string>& api) {
  const auto addresses = judged_addresses(*trail.names());
  if (addresses.empty()) return trail.name_fault;
  if (trail.endpoint->origin != Origin::custom && any_in(c, addresses, Whereabouts::sink))
    return NameFault::sink;
  if (trail.endpoint->origin == Origin::gateway_alias) return fault_of_alias(c, addresses);
  const auto fault = fault_of_scope(c, *trail.endpoint, addresses);
  const bool instance = contains(trail.endpoint->host, ".instances.azureml.");
  return fault == NameFault::none && instance ? fault_of_instance(c, addresses, api) : fault;
}

void judge(Trail& trail, NameFault fault) {
  trail.name_fault = fault;
  if (fault == NameFault::none || fault == NameFault::no_address) return;
  trail.progress = Progress::failed;
  trail.stage = TrailStage::name;
}

}  // namespace

std::string detour_of(const Case& c, const Trail& trail) {
  const auto* names = trail.names();
  const bool own = trail.endpoint->origin != Origin::documented;  // short names are meant so
  if (!names || own || names->search_first || names->addresses.empty() || !names->hosts_file.empty())
    return {};
  const auto gives_address = [](const NameView& view) { return view.reply == Reply::address; };
  const auto views = c.configured_views(*names, names->name);
  if (views.empty() || std::any_of(views.begin(), views.end(), gives_address)) return {};
  for (const auto& suffixed : names->searched) {
    const auto found = c.configured_views(*names, suffixed);
    if (std::any_of(found.begin(), found.end(), gives_address)) return suffixed;
  }
  return {};
}

const Trail* workspace_api(const Case& c) {
  for (const auto& trail : c.trails) {
    const bool api = contains(trail.endpoint->host, ".workspace.") &&
                     contains(trail.endpoint->host, ".api.") && !contains(trail.endpoint->host, ".cert.");
    if (api && trail.names() && trail.name_fault == NameFault::none) return &trail;
  }
  return nullptr;
}

void judge_names(Case& c) {
  const auto resolved = [](const Trail& t) {
    return t.names() && !t.proxied && t.dns->status == ProbeStatus::ok && t.name_fault == NameFault::none;
  };
  const auto is_instance = [](const Trail& t) { return contains(t.endpoint->host, ".instances.azureml."); };
  for (auto& trail : c.trails) {
    if (resolved(trail) && !is_instance(trail)) judge(trail, fault_of(c, trail, {}));
  }
  const auto api = addresses_of_workspace(c);
  for (auto& trail : c.trails) {
    if (resolved(trail) && is_instance(trail)) judge(trail, fault_of(c, trail, api));
  }
}

}  // namespace amlnet
