// What this node belongs to, as the workspace file writes it (contract section 2): every fact optional, and
// where each came from. Discovery fills it, planning reads it, the report repeats it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/config_error.h"
#include "agent/catalog/words.h"

namespace amlnet {

enum class Cloud { public_, usgov, china };
enum class ComputeKind {
  instance,
  cluster,
  serverless,
  kubernetes,
  spark,
  synapse_spark,
  vm,
  databricks,
  hdinsight,
  aks,
  aci
};
enum class Access { private_, service_endpoint, public_ };
enum class NetworkMode { customer_vnet, managed_internet_outbound, managed_approved_outbound, none };

/// The words of the workspace file: "public", "usgov"; "instance", "synapse-spark"; "private",
/// "service-endpoint"; ...
std::string_view name_of(Cloud);
std::string_view name_of(ComputeKind);
std::string_view name_of(Access);
std::string_view name_of(NetworkMode);

/// The closed lists of the workspace file (contract section 2), for reading and for messages.
std::span<const Word<Cloud>> cloud_words();
std::span<const Word<ComputeKind>> compute_words();
std::span<const Word<Access>> access_words();
std::span<const Word<NetworkMode>> mode_words();
std::span<const std::string_view> feature_words();

struct HubProject {
  std::string name, id;
};

struct StorageAccount {
  std::string name;
  bool is_default = false;
  std::optional<Access> access;
  std::vector<std::string> services;             // blob, file, dfs, queue, table
  std::map<std::string, std::string> addresses;  // service -> the private address the user expects
};

struct KeyVault {
  std::string name;
  std::optional<Access> access;
  std::optional<std::string> address;
};

struct ContainerRegistry {
  std::string name;
  std::optional<Access> access;
  std::vector<std::string> regions;
};

struct GatewayAlias {
  std::string fqdn;
  std::uint16_t port = 443;
  std::string protocol = "https";
  std::optional<std::string> ca_file;
};

struct CustomEndpoint {
  std::string host;
  std::uint16_t port = 443;
  std::string protocol = "tls";  // tls | https | http | tcp | udp
  std::string why;
};

struct Workspace {
  std::optional<Cloud> cloud;
  std::optional<std::string> region;
  struct {
    std::optional<std::string> name, id, subscription, resource_group;
    std::optional<Access> access;  // private_ or public_
    std::optional<bool> hbi;
    std::vector<HubProject> hub_projects;
    std::vector<std::string> online_endpoints;
    std::optional<std::string> batch_account;
  } workspace;
  struct {
    std::optional<ComputeKind> kind;
    std::optional<std::string> name;
    std::optional<bool> public_ip;
  } compute;
  struct {
    std::optional<NetworkMode> mode;
    std::vector<std::string> vnet;                      // prefixes "10.0.0.0/16"
    std::vector<std::string> private_endpoint_subnets;  // prefixes
    std::optional<std::string> firewall;                // azure-firewall | other | none
    std::optional<bool> storage_behind_firewall, forced_tunneling;
  } network;
  std::vector<StorageAccount> storage_accounts;
  std::optional<KeyVault> key_vault;
  std::optional<ContainerRegistry> container_registry;
  struct {
    std::vector<GatewayAlias> aliases;
    std::vector<std::string> managed_vnet;  // prefixes
  } app_gateway;
  std::optional<std::string> synapse_workspace;
  std::vector<std::string> features;
  std::vector<CustomEndpoint> custom;

  /// Whether this is an Azure machine (contract section 2, "On Azure"): platform rows are skipped where it is
  /// not.
  bool on_azure = false;

  /// Fact path ("region", "workspace.id", "storage_accounts") -> source: "option --region", "file
  /// ./amlnet.json", "environment AZUREML_...", "metadata", "resource-manager", "default".
  std::map<std::string, std::string> sources;
};

/// What the command line says of the workspace. Empty is not given.
struct WorkspaceOptions {
  std::string cloud, region, compute;
  std::vector<std::string> features;
};

/// Options win over whatever is there; source "option --region". The error names the option: "--cloud:
/// expected public, usgov or china, got \"azure\"".
std::optional<ConfigError> apply_options(Workspace& workspace, const WorkspaceOptions& options);

/// What is still absent once discovery has ended: cloud `public`, and, where this is no Azure machine, kind
/// `vm`; source "default". Also settles `on_azure` for a kind that an option or a file gave (contract section
/// 2, "On Azure").
void apply_defaults(Workspace& workspace);

/// Whether `workspace` has `feature` on.
bool has_feature(const Workspace& workspace, std::string_view feature);

}  // namespace amlnet
