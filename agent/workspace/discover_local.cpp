#include "agent/workspace/discover_local.h"

#include <algorithm>
#include <sstream>

#include "agent/workspace/fact_syntax.h"
#include "agent/workspace/read_file.h"

namespace amlnet {
namespace {

constexpr std::string_view azure_asset_tag = "7783-7084-3265-9085-8269-3286-77";
constexpr const char* instance_file = "mnt/azmnt/.nbvm";

using Environment = std::map<std::string, std::string>;

std::string variable(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// Sets an absent fact from a value that may be one.
void offer(Workspace& workspace, std::optional<std::string>& fact, const char* path, const std::string& value,
           bool (*valid)(std::string_view), const std::string& source) {
  if (fact || !valid(value)) return;
  fact = value;
  workspace.sources[path] = source;
}

void offer_cloud(Workspace& workspace, Cloud cloud, const std::string& source) {
  if (workspace.cloud) return;
  workspace.cloud = cloud;
  workspace.sources["cloud"] = source;
}

/// "https://westeurope.api.azureml.ms/..." -> host
std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return "";
  return url.substr(start + 3, url.find_first_of(":/?", start + 3) - start - 3);
}

std::optional<Cloud> cloud_of(std::string_view host) {
  if (host.ends_with(".azureml.ms")) return Cloud::public_;
  if (host.ends_with(".ml.azure.us") || host.ends_with(".azureml.us")) return Cloud::usgov;
  if (host.ends_with(".ml.azure.cn") || host.ends_with(".azureml.cn")) return Cloud::china;
  return std::nullopt;
}

/// "azureml://HOST/mlflow/v1.0/subscriptions/S/resourceGroups/G/providers/.../workspaces/NAME": the part
/// after `key`; "" where there is none.
std::string path_part(const std::string& url, const std::string& key) {
  const std::size_t at = url.find('/' + key + '/');
  if (at == std::string::npos) return "";
  const std::size_t start = at + key.size() + 2;
  return url.substr(start, url.find_first_of("/?", start) - start);
}

/// Region and cloud from an Azure ML host: "westeurope.api.azureml.ms", or
/// "<id>.workspace.westeurope.api.azureml.ms".
void offer_host(Workspace& workspace, std::string_view host, std::string_view before_service,
                const std::string& source) {
  const std::optional<Cloud> cloud = cloud_of(host);
  const std::size_t service = host.find(before_service);
  if (!cloud || service == std::string_view::npos) return;
  const std::string_view front = host.substr(0, service);
  offer_cloud(workspace, *cloud, source);
  offer(workspace, workspace.region, "region", std::string(front.substr(front.rfind('.') + 1)), is_region,
        source);
}

/// The workspace's tracking server, which Azure ML sets on its computes.
void discover_tracking(Workspace& workspace, const std::string& url) {
  const std::string source = "environment MLFLOW_TRACKING_URI";
  auto& facts = workspace.workspace;
  offer(workspace, facts.subscription, "workspace.subscription", path_part(url, "subscriptions"), is_guid,
        source);
  offer(workspace, facts.resource_group, "workspace.resource_group", path_part(url, "resourceGroups"),
        is_resource_group, source);
  offer(workspace, facts.name, "workspace.name", path_part(url, "workspaces"), is_workspace_name, source);
  offer_host(workspace, host_of(url), ".api.", source);
}

}  // namespace

void discover_environment(Workspace& workspace, const Environment& environment) {
  auto& facts = workspace.workspace;
  const auto offer_from = [&](std::optional<std::string>& fact, const char* path, const char* name,
                              bool (*valid)(std::string_view)) {
    offer(workspace, fact, path, variable(environment, name), valid, std::string("environment ") + name);
  };
  offer_from(facts.subscription, "workspace.subscription", "AZUREML_ARM_SUBSCRIPTION", is_guid);
  offer_from(facts.resource_group, "workspace.resource_group", "AZUREML_ARM_RESOURCEGROUP",
             is_resource_group);
  offer_from(facts.name, "workspace.name", "AZUREML_ARM_WORKSPACE_NAME", is_workspace_name);
  offer_from(facts.id, "workspace.id", "AZUREML_WORKSPACE_ID", is_guid);
  const std::string tracking = variable(environment, "MLFLOW_TRACKING_URI");
  if (tracking.starts_with("azureml://")) discover_tracking(workspace, tracking);
  if (!variable(environment, "AZUREML_ARM_WORKSPACE_NAME").empty())
    offer_from(workspace.compute.name, "compute.name", "AZ_BATCHAI_CLUSTER_NAME", is_label);
  const std::string service = variable(environment, "AZUREML_SERVICE_ENDPOINT");
  offer_host(workspace, host_of(service), ".api.", "environment AZUREML_SERVICE_ENDPOINT");
  const bool job = !variable(environment, "AZUREML_ARM_WORKSPACE_NAME").empty() || !service.empty();
  const bool identity =
      !variable(environment, "MSI_ENDPOINT").empty() && !variable(environment, "MSI_SECRET").empty();
  if (job || identity) workspace.on_azure = true;
}

void discover_instance(Workspace& workspace, const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    std::erase_if(value, [](char c) { return c == '"' || c == '\'' || c == ' ' || c == '\r' || c == '\t'; });
    values[line.substr(0, equals)] = value;
  }
  if (!is_label(variable(values, "instance"))) return;
  const std::string source = std::string("file /") + instance_file;
  workspace.on_azure = true;
  if (!workspace.compute.kind) {
    workspace.compute.kind = ComputeKind::instance;
    workspace.sources["compute.kind"] = source;
  }
  offer(workspace, workspace.compute.name, "compute.name", values["instance"], is_label, source);
  offer_host(workspace, variable(values, "domainsuffix"), ".instances.", source);
}

void discover_machine(Workspace& workspace, const Node& node) {
  if (node.chassis_asset_tag == azure_asset_tag) workspace.on_azure = true;
}

void discover_local(Workspace& workspace, const Node& node, const Environment& environment,
                    const std::string& root) {
  discover_machine(workspace, node);
  discover_environment(workspace, environment);
  discover_instance(workspace, read_file(root, instance_file));
}

}  // namespace amlnet
