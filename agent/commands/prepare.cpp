#include "agent/commands/prepare.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "agent/catalog/words.h"
#include "agent/commands/catalogs.h"
#include "agent/commands/input_file.h"
#include "agent/plan/glob.h"
#include "agent/workspace/discover_local.h"
#include "agent/workspace/environment.h"
#include "agent/workspace/metadata.h"
#include "agent/workspace/resource_manager.h"
#include "agent/workspace/workspace_file.h"

namespace amlnet {

namespace {

constexpr auto kMetadataBudget = Milliseconds(1000);  // contract section 2, Budgets

// The file that --config names, or the first that exists of the usual ones; "" for none.
std::string workspace_file(const CheckOptions& options) {
  if (!options.config.empty()) return options.config;
  const char* home = std::getenv("HOME");
  const std::string own = home ? std::string(home) + "/.config/amlnet/config.json" : std::string();
  for (const std::string& path : {std::string("./amlnet.json"), own, std::string("/etc/amlnet/config.json")})
    if (!path.empty() && access(path.c_str(), F_OK) == 0) return path;
  return {};
}

// What --identity asks for must be there; `auto` takes what is.
std::optional<ConfigError> check_identity(IdentityChoice choice, const Credentials& credentials) {
  if (choice == IdentityChoice::service_principal && methods_for(choice, credentials, false).empty())
    return ConfigError{
        "--identity service-principal: expected AZURE_TENANT_ID, AZURE_CLIENT_ID and one of "
        "AZURE_CLIENT_SECRET "
        "and AZURE_CLIENT_CERTIFICATE_PATH in the environment"};
  if (choice == IdentityChoice::azure_cli && !credentials.azure_cli)
    return ConfigError{
        "--identity azure-cli: there is no program az in PATH; install the Azure CLI, or use "
        "another identity"};
  return std::nullopt;
}

/// What the metadata service says, or has said.
void take_metadata(Prepared& prepared, const EarlierFacts* earlier) {
  if (const auto metadata = ask_metadata(kMetadataBudget)) {
    apply_metadata(prepared.workspace, *metadata);
    prepared.vm_size = metadata->vm_size;
  } else if (earlier) {
    recall_metadata_facts(prepared.workspace, earlier->workspace);
    prepared.vm_size = earlier->vm_size;
    if (!prepared.vm_size.empty()) prepared.workspace.on_azure = true;
  }
}

/// Resource Manager is only asked in the round: until it answers, and where it does not, what it has said of
/// this workspace holds.
void recall_resources(const CheckOptions& options, const EarlierFacts& earlier, Prepared& prepared) {
  if (options.identity == IdentityChoice::none || !resource_manager_could_help(prepared.workspace)) return;
  prepared.now_known = prepared.workspace;
  recall_resource_facts(prepared.workspace, earlier.workspace, {ResourceKind::workspace});
}

std::optional<ConfigError> discover(const CheckOptions& options, const EarlierFacts* earlier,
                                    Prepared& prepared) {
  Workspace& workspace = prepared.workspace;
  if (const std::string path = workspace_file(options); !path.empty()) {
    auto text = read_input_file(path);
    if (auto* error = std::get_if<ConfigError>(&text)) return *error;
    auto read = read_workspace_file(std::get<std::string>(text), path);
    if (auto* error = std::get_if<ConfigError>(&read)) return *error;
    workspace = std::move(std::get<Workspace>(read));
  }
  if (auto error = apply_options(workspace, options.workspace)) return error;
  prepared.node = read_node();
  const std::map<std::string, std::string> variables = environment();
  discover_local(workspace, prepared.node, variables);
  prepared.credentials = read_credentials(variables);
  if (auto error = check_identity(options.identity, prepared.credentials)) return error;
  if (earlier && earlier->hostname != prepared.node.hostname) earlier = nullptr;
  if (!options.offline) take_metadata(prepared, earlier);
  apply_defaults(workspace);
  if (!options.offline && earlier) recall_resources(options, *earlier, prepared);
  return std::nullopt;
}

std::string wrong_glob(const std::string& option, const std::vector<std::string>& globs,
                       const std::vector<std::string_view>& ids) {
  for (const std::string& glob : globs) {
    if (std::ranges::any_of(ids, [&](std::string_view id) { return glob_matches(glob, id); })) continue;
    const std::string near = nearest(glob, ids);
    return option + ": no requirement has an id like \"" + printable(glob) + "\"; " +
           (near.empty() ? "amlnet plan -v lists them" : "did you mean \"" + near + "\"?");
  }
  return "";
}

// A misspelt filter would make a check that passes because it looked at nothing.
std::optional<ConfigError> check_filter(const PlanFilter& filter, const Prepared& prepared) {
  if (filter.only.empty() && filter.skip.empty()) return std::nullopt;
  const std::vector<std::string> every = requirement_ids(prepared.catalog, prepared.workspace);
  const std::vector<std::string_view> ids(every.begin(), every.end());
  for (const std::string& wrong :
       {wrong_glob("--only", filter.only, ids), wrong_glob("--skip", filter.skip, ids)})
    if (!wrong.empty()) return ConfigError{wrong};
  if (prepared.plan.requirements.empty())
    return ConfigError{"--only and --skip together leave no requirement"};
  return std::nullopt;
}

}  // namespace

std::variant<Prepared, ConfigError> prepare(const CheckOptions& options, const EarlierFacts* earlier) {
  Prepared prepared;
  auto catalog = load_catalog(options);
  if (auto* error = std::get_if<ConfigError>(&catalog)) return *error;
  prepared.catalog = std::get<Catalog>(std::move(catalog));
  if (!options.filter.as_of.empty()) prepared.catalog.date = options.filter.as_of;
  if (auto error = discover(options, earlier, prepared)) return *error;
  prepared.plan = make_plan(prepared.catalog, prepared.workspace, options.filter);
  if (auto error = check_filter(options.filter, prepared)) return *error;
  return prepared;
}

ProxyEnvironment proxies_for(const CheckOptions& options, const Node& node) {
  if (options.proxy == "none") return {};
  if (options.proxy == "env") return node.proxies;
  return {{"https_proxy", options.proxy}, {"http_proxy", options.proxy}};
}

}  // namespace amlnet
