#include "agent/workspace/workspace.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

constexpr Word<Cloud> clouds[] = {
    {"public", Cloud::public_}, {"usgov", Cloud::usgov}, {"china", Cloud::china}};

constexpr Word<ComputeKind> kinds[] = {{"instance", ComputeKind::instance},
                                       {"cluster", ComputeKind::cluster},
                                       {"serverless", ComputeKind::serverless},
                                       {"kubernetes", ComputeKind::kubernetes},
                                       {"spark", ComputeKind::spark},
                                       {"synapse-spark", ComputeKind::synapse_spark},
                                       {"vm", ComputeKind::vm},
                                       {"databricks", ComputeKind::databricks},
                                       {"hdinsight", ComputeKind::hdinsight},
                                       {"aks", ComputeKind::aks},
                                       {"aci", ComputeKind::aci}};

constexpr Word<Access> accesses[] = {{"private", Access::private_},
                                     {"service-endpoint", Access::service_endpoint},
                                     {"public", Access::public_}};

constexpr Word<NetworkMode> modes[] = {{"customer-vnet", NetworkMode::customer_vnet},
                                       {"managed-internet-outbound", NetworkMode::managed_internet_outbound},
                                       {"managed-approved-outbound", NetworkMode::managed_approved_outbound},
                                       {"none", NetworkMode::none}};

constexpr std::string_view features[] = {"python-packages",
                                         "r-packages",
                                         "vscode",
                                         "vscode-web",
                                         "studio-notebooks",
                                         "custom-images",
                                         "microsoft-images",
                                         "support-diagnostics",
                                         "monitoring-private",
                                         "rstudio",
                                         "posit",
                                         "ssh",
                                         "custom-apps",
                                         "automl",
                                         "huggingface",
                                         "aks",
                                         "batch-endpoints",
                                         "parallelrunstep",
                                         "online-endpoints",
                                         "serverless-api",
                                         "prompt-flow",
                                         "adls-gen2",
                                         "snowflake"};

/// The word of an option into `out`, or what is wrong with it.
template <class T>
std::optional<ConfigError> take_word(const std::string& option, const std::string& text,
                                     std::span<const Word<T>> words, std::optional<T>& out) {
  out = value_of(words, text);
  if (out) return std::nullopt;
  const std::vector<std::string_view> texts = texts_of(words);
  const std::string near = nearest(text, texts);
  const std::string hint = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
  return ConfigError{
      fmt::format("{}: expected {}, got \"{}\"{}", option, listed(texts), printable(text), hint)};
}

std::optional<ConfigError> check_feature(const std::string& feature) {
  const auto words = feature_words();
  if (std::find(words.begin(), words.end(), feature) != words.end()) return std::nullopt;
  const std::string near = nearest(feature, words);
  const std::string hint =
      near.empty() ? "expected " + listed(words) : fmt::format("did you mean \"{}\"?", near);
  return ConfigError{fmt::format("--feature: unknown feature \"{}\"; {}", printable(feature), hint)};
}

}  // namespace

std::string_view name_of(Cloud value) {
  return text_of(cloud_words(), value);
}
std::string_view name_of(ComputeKind value) {
  return text_of(compute_words(), value);
}
std::string_view name_of(Access value) {
  return text_of(access_words(), value);
}
std::string_view name_of(NetworkMode value) {
  return text_of(mode_words(), value);
}

std::span<const Word<Cloud>> cloud_words() {
  return clouds;
}
std::span<const Word<ComputeKind>> compute_words() {
  return kinds;
}
std::span<const Word<Access>> access_words() {
  return accesses;
}
std::span<const Word<NetworkMode>> mode_words() {
  return modes;
}
std::span<const std::string_view> feature_words() {
  return features;
}

std::optional<ConfigError> apply_options(Workspace& workspace, const WorkspaceOptions& options) {
  if (!options.cloud.empty()) {
    if (auto error = take_word("--cloud", options.cloud, cloud_words(), workspace.cloud)) return error;
    workspace.sources["cloud"] = "option --cloud";
  }
  if (!options.region.empty()) {
    if (!is_region(options.region)) {
      return ConfigError{
          fmt::format("--region: expected {}, got \"{}\"", region_form, printable(options.region))};
    }
    workspace.region = options.region;
    workspace.sources["region"] = "option --region";
  }
  if (!options.compute.empty()) {
    if (auto error = take_word("--compute", options.compute, compute_words(), workspace.compute.kind))
      return error;
    workspace.sources["compute.kind"] = "option --compute";
  }
  for (const std::string& feature : options.features) {
    if (auto error = check_feature(feature)) return error;
  }
  if (!options.features.empty()) {
    workspace.features = options.features;
    workspace.sources["features"] = "option --feature";
  }
  return std::nullopt;
}

void apply_defaults(Workspace& workspace) {
  if (workspace.compute.kind) workspace.on_azure = true;
  if (!workspace.cloud) {
    workspace.cloud = Cloud::public_;
    workspace.sources["cloud"] = "default";
  }
  if (!workspace.compute.kind && !workspace.on_azure) {
    workspace.compute.kind = ComputeKind::vm;
    workspace.sources["compute.kind"] = "default";
  }
}

bool has_feature(const Workspace& workspace, std::string_view feature) {
  return std::find(workspace.features.begin(), workspace.features.end(), feature) != workspace.features.end();
}

}  // namespace amlnet
