#include "agent/workspace/workspace_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/catalog/json_cursor.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

/// A reader of texts that pass `valid`; `form` says to people what is expected.
auto text_that(bool (*valid)(std::string_view), std::string_view form) {
  return [valid, form](const JsonCursor& at, std::string& out) {
    if (at.node->kind != JsonNode::Kind::text || !valid(at.node->text)) {
      at.expected(form);
      return false;
    }
    out = at.node->text;
    return true;
  };
}

template <class T>
auto word_of(std::span<const Word<T>> words) {
  return [words](const JsonCursor& at, T& out) { return read_word(at, words, out); };
}

auto choice_of(std::span<const std::string_view> words) {
  return [words](const JsonCursor& at, std::string& out) { return read_choice(at, words, out); };
}

const auto region = text_that(is_region, region_form);
const auto guid = text_that(is_guid, "a GUID such as 00000000-0000-0000-0000-000000000000");
const auto label = text_that(is_label, "a name of letters, digits and hyphens");
const auto address = text_that(is_address, "an IP address");
const auto prefix = text_that(is_prefix, "a prefix such as 10.0.0.0/16, without bits beyond its length");
const auto host_name = text_that(is_host_name, "a host name such as git.contoso.com");
const auto workspace_name =
    text_that(is_workspace_name, "a workspace name of 3 to 33 letters, digits, - and _");
const auto group_name = text_that(is_resource_group, "a resource group name");
const auto account_name =
    text_that(is_storage_account, "an account name of 3 to 24 lower-case letters and digits");
const auto vault_name = text_that(is_vault_name, "a vault name of 3 to 24 letters, digits and hyphens");
const auto registry_name = text_that(is_registry_name, "a registry name of 5 to 50 letters and digits");

constexpr std::string_view storage_services[] = {"blob", "file", "dfs", "queue", "table"};
constexpr std::string_view firewalls[] = {"azure-firewall", "other", "none"};
constexpr std::string_view alias_protocols[] = {"https", "http"};
constexpr std::string_view custom_protocols[] = {"tls", "https", "http", "tcp", "udp"};

bool read_host_or_address(const JsonCursor& at, std::string& out) {
  if (at.node->kind == JsonNode::Kind::text && is_address(at.node->text)) {
    out = at.node->text;
    return true;
  }
  return host_name(at, out);
}

bool read_project(const JsonCursor& at, HubProject& out) {
  Fields fields(at);
  if (const auto name = fields.need("name")) workspace_name(*name, out.name);
  if (const auto id = fields.need("id")) guid(*id, out.id);
  fields.done();
  return true;
}

void read_workspace(const JsonCursor& at, Workspace& out) {
  Fields fields(at);
  auto& workspace = out.workspace;
  take(fields, "name", workspace.name, workspace_name);
  take(fields, "id", workspace.id, guid);
  take(fields, "subscription", workspace.subscription, guid);
  take(fields, "resource_group", workspace.resource_group, group_name);
  static constexpr Word<Access> workspace_access[] = {{"private", Access::private_},
                                                      {"public", Access::public_}};
  take(fields, "access", workspace.access, word_of(std::span<const Word<Access>>(workspace_access)));
  take(fields, "hbi", workspace.hbi, read_flag);
  take_list(fields, "hub_projects", workspace.hub_projects, read_project);
  take_list(fields, "online_endpoints", workspace.online_endpoints, label);
  take(fields, "batch_account", workspace.batch_account, account_name);
  fields.done();
}

void read_compute(const JsonCursor& at, Workspace& out) {
  Fields fields(at);
  take(fields, "kind", out.compute.kind, word_of(compute_words()));
  take(fields, "name", out.compute.name, label);
  take(fields, "public_ip", out.compute.public_ip, read_flag);
  fields.done();
}

void read_network(const JsonCursor& at, Workspace& out) {
  Fields fields(at);
  auto& network = out.network;
  take(fields, "mode", network.mode, word_of(mode_words()));
  take_list(fields, "vnet", network.vnet, prefix);
  take_list(fields, "private_endpoint_subnets", network.private_endpoint_subnets, prefix);
  take(fields, "firewall", network.firewall, choice_of(firewalls));
  take(fields, "storage_behind_firewall", network.storage_behind_firewall, read_flag);
  take(fields, "forced_tunneling", network.forced_tunneling, read_flag);
  fields.done();
}

bool read_account(const JsonCursor& at, StorageAccount& out) {
  Fields fields(at);
  if (const auto name = fields.need("name")) account_name(*name, out.name);
  take(fields, "default", out.is_default, read_flag);
  take(fields, "access", out.access, word_of(access_words()));
  take_list(fields, "services", out.services, choice_of(storage_services));
  if (const auto addresses = fields.get("addresses")) {
    Fields services(*addresses);
    for (std::string_view service : storage_services) {
      std::string value;
      if (take(services, service, value, address)) out.addresses[std::string(service)] = value;
    }
    services.done();
  }
  fields.done();
  return true;
}

void read_accounts(const JsonCursor& at, Workspace& out) {
  read_list(at, out.storage_accounts, read_account);
  const auto defaults = std::count_if(out.storage_accounts.begin(), out.storage_accounts.end(),
                                      [](const StorageAccount& account) { return account.is_default; });
  if (defaults > 1) at.reject("expected one default account, got several");
}

bool read_vault(const JsonCursor& at, KeyVault& out) {
  Fields fields(at);
  if (const auto name = fields.need("name")) vault_name(*name, out.name);
  take(fields, "access", out.access, word_of(access_words()));
  take(fields, "address", out.address, address);
  fields.done();
  return true;
}

bool read_registry(const JsonCursor& at, ContainerRegistry& out) {
  Fields fields(at);
  if (const auto name = fields.need("name")) registry_name(*name, out.name);
  take(fields, "access", out.access, word_of(access_words()));
  take_list(fields, "regions", out.regions, region);
  fields.done();
  return true;
}

bool read_alias(const JsonCursor& at, GatewayAlias& out) {
  Fields fields(at);
  if (const auto fqdn = fields.need("fqdn")) host_name(*fqdn, out.fqdn);
  take(fields, "port", out.port, read_port);
  take(fields, "protocol", out.protocol, choice_of(alias_protocols));
  take(fields, "ca_file", out.ca_file, read_text);
  fields.done();
  return true;
}

void read_gateway(const JsonCursor& at, Workspace& out) {
  Fields fields(at);
  take_list(fields, "aliases", out.app_gateway.aliases, read_alias);
  take_list(fields, "managed_vnet", out.app_gateway.managed_vnet, prefix);
  fields.done();
}

void read_custom(const JsonCursor& at, CustomEndpoint& out) {
  Fields fields(at);
  if (const auto host = fields.need("host")) read_host_or_address(*host, out.host);
  take(fields, "port", out.port, read_port);
  take(fields, "protocol", out.protocol, choice_of(custom_protocols));
  take(fields, "why", out.why, read_text);
  fields.done();
}

/// Host, port and transport are the endpoint's identity in plans and reports.
void read_customs(const JsonCursor& at, Workspace& out) {
  std::set<std::string> seen;
  for (const JsonCursor& item : read_items(at)) {
    CustomEndpoint custom;
    read_custom(item, custom);
    const char* transport = custom.protocol == "udp" ? "udp" : "tcp";
    if (!seen.insert(fmt::format("{} {} {}", custom.host, custom.port, transport)).second) {
      item.reject("the same host and port stand in an earlier entry");
    }
    out.custom.push_back(std::move(custom));
  }
}

void read_all(const JsonCursor& at, Workspace& out) {
  Fields fields(at);
  take(fields, "cloud", out.cloud, word_of(cloud_words()));
  take(fields, "region", out.region, region);
  if (const auto part = fields.get("workspace")) read_workspace(*part, out);
  if (const auto part = fields.get("compute")) read_compute(*part, out);
  if (const auto part = fields.get("network")) read_network(*part, out);
  if (const auto part = fields.get("storage_accounts")) read_accounts(*part, out);
  take(fields, "key_vault", out.key_vault, read_vault);
  take(fields, "container_registry", out.container_registry, read_registry);
  if (const auto part = fields.get("app_gateway")) read_gateway(*part, out);
  if (const auto part = fields.get("synapse")) {
    Fields synapse(*part);
    take(synapse, "workspace", out.synapse_workspace, label);
    synapse.done();
  }
  take_list(fields, "features", out.features, choice_of(feature_words()));
  if (const auto part = fields.get("custom")) read_customs(*part, out);
  fields.done();
}

/// Every fact that the file holds came from it: "region", "workspace.id", "storage_accounts".
void note_sources(const JsonNode& root, const std::string& source, Workspace& out) {
  for (const auto& [key, node] : root.members) {
    const bool grouped = key == "workspace" || key == "compute" || key == "network" || key == "app_gateway" ||
                         key == "synapse";
    if (!grouped) out.sources[key] = source;
    for (const auto& [member, value] : node.members) {
      if (grouped) out.sources[fmt::format("{}.{}", key, member)] = source;
    }
  }
}

}  // namespace

std::variant<Workspace, ConfigError> read_workspace_file(std::string_view text, const std::string& name) {
  auto parsed = parse_json(text, name);
  if (auto* error = std::get_if<ConfigError>(&parsed)) return *error;
  const JsonNode& root = std::get<JsonNode>(parsed);
  ErrorLog log(name, root);
  Workspace workspace;
  read_all({&root, &log}, workspace);
  if (log.first()) return *log.first();
  note_sources(root, "file " + name, workspace);
  return workspace;
}

}  // namespace amlnet
