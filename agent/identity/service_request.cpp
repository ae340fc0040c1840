#include "agent/identity/service_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "agent/identity/token_request.h"
#include "agent/workspace/resource_manager.h"

namespace amlnet {
namespace {

struct Question {
  std::string_view answerer;
  Audience audience;
  std::string_view service;  // second label of a storage host
  std::string_view path;
};

// Listing needs the least that a role for data grants, and whoever lacks that is told so by a code of its
// own: https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory. Of files
// only what is inside a share can be asked for with a token, and who asks must say that it reads as a backup
// does: https://learn.microsoft.com/rest/api/storageservices/list-directories-and-files.
constexpr std::array kQuestions{
    Question{"azure-blob", Audience::storage, "blob", "/?comp=list&maxresults=1"},
    Question{"azure-file", Audience::storage, "file",
             "/amlnet-no-such-share?restype=directory&comp=list&maxresults=1"},
    Question{"azure-dfs", Audience::storage, "dfs", "/?resource=account&maxResults=1"},
    Question{"azure-queue", Audience::storage, "queue", "/?comp=list&maxresults=1"},
    Question{"azure-table", Audience::storage, "table", "/Tables?$top=1"},
    Question{"key-vault", Audience::key_vault, "", "/secrets?api-version=7.4&maxresults=1"},
    Question{"container-registry", Audience::registry, "", "/oauth2/exchange"},
    Question{"azureml-api", Audience::resource_manager, "", ""},
};

// The first version that takes tokens for all five storage services.
constexpr const char* kStorageVersion = "2022-11-02";

struct Domains {
  std::string_view storage, vault, registry, api;
};

Domains domains_in(Cloud cloud) {
  if (cloud == Cloud::usgov)
    return {"core.usgovcloudapi.net", "vault.usgovcloudapi.net", "azurecr.us", "api.ml.azure.us"};
  if (cloud == Cloud::china)
    return {"core.chinacloudapi.cn", "vault.azure.cn", "azurecr.cn", "api.ml.azure.cn"};
  return {"core.windows.net", "vault.azure.net", "azurecr.io", "api.azureml.ms"};
}

const Question* question_for(const Endpoint& endpoint) {
  const auto* found = std::ranges::find(kQuestions, endpoint.answerer, &Question::answerer);
  const bool asked = found != kQuestions.end() && endpoint.protocol == Protocol::https &&
                     endpoint.port == 443 && endpoint.origin == Origin::documented;
  return asked ? found : nullptr;
}

/// "/subscriptions/S/resourceGroups/G/providers/Microsoft.MachineLearningServices/workspaces/W", "" where a
/// part is not known.
std::string workspace_path(const Workspace& workspace) {
  const std::string path = workspace_query(workspace).path;
  return path.substr(0, path.find('?'));
}

bool is_own(const Question& question, const std::string& host, const Workspace& workspace) {
  const Domains domains = domains_in(workspace.cloud.value_or(Cloud::public_));
  if (question.audience == Audience::storage)
    return std::ranges::any_of(workspace.storage_accounts, [&](const StorageAccount& account) {
      return host == fmt::format("{}.{}.{}", account.name, question.service, domains.storage);
    });
  if (question.audience == Audience::key_vault)
    return workspace.key_vault && host == fmt::format("{}.{}", workspace.key_vault->name, domains.vault);
  if (question.audience == Audience::registry)
    return workspace.container_registry &&
           host == fmt::format("{}.{}", workspace.container_registry->name, domains.registry);
  const bool known = workspace.workspace.id && workspace.region && !workspace_path(workspace).empty();
  return known &&
         host == fmt::format("{}.workspace.{}.{}", *workspace.workspace.id, *workspace.region, domains.api);
}

void add_headers(HttpSpec& spec, const Question& question, const std::string& token) {
  spec.headers = {{"Authorization", "Bearer " + token}, {"Accept", "application/json"}};
  if (question.audience != Audience::storage) return;
  spec.headers.emplace_back("x-ms-version", kStorageVersion);
  if (question.service == "file") spec.headers.emplace_back("x-ms-file-request-intent", "backup");
}

/// https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
void exchange(HttpSpec& spec, const std::string& host, const std::string& token) {
  spec.method = "POST";
  spec.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  spec.body = fmt::format("grant_type=access_token&service={}&access_token={}", host, percent_encoded(token));
}

}  // namespace

std::optional<Audience> audience_of(const Endpoint& endpoint, const Workspace& workspace) {
  const Question* question = question_for(endpoint);
  if (question == nullptr || !is_own(*question, endpoint.host, workspace)) return std::nullopt;
  return question->audience;
}

HttpSpec ask_with_token(const Endpoint& endpoint, const Workspace& workspace, const std::string& token) {
  const Question* question = question_for(endpoint);
  HttpSpec spec;
  spec.verified = true;
  if (question == nullptr) return spec;
  std::string path(question->path);
  if (question->audience == Audience::resource_manager)
    path = fmt::format("/mlflow/v1.0{}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default",
                       workspace_path(workspace));
  spec.url = "https://" + endpoint.host + path;
  if (question->audience == Audience::registry)
    exchange(spec, endpoint.host, token);
  else
    add_headers(spec, *question, token);
  return spec;
}

}  // namespace amlnet
