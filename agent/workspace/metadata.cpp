#include "agent/workspace/metadata.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "agent/workspace/platform.h"
#include "probes/http.h"

namespace amlnet {

namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} * 1024;  // tags and user data may be long

// A word as Azure writes regions and sizes; anything else did not come from the service.
bool is_word(const std::string& text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') return false;
  return true;
}

std::string word(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  const std::string text = found->get<std::string>();
  return is_word(text) ? text : std::string();
}

std::optional<Cloud> cloud_of(const std::string& environment) {
  if (environment == "AzurePublicCloud") return Cloud::public_;
  if (environment == "AzureUSGovernmentCloud") return Cloud::usgov;
  if (environment == "AzureChinaCloud") return Cloud::china;
  return std::nullopt;
}

}  // namespace

std::optional<Metadata> ask_metadata(Milliseconds budget) {
  asio::io_context loop(1);
  HttpClient client(loop.get_executor());
  HttpSpec spec;
  spec.address = kMetadata;
  spec.port = 80;
  spec.url =
      "http://" + std::string(kMetadata) + "/metadata/instance/compute?api-version=2021-02-01&format=json";
  spec.headers.emplace_back("Metadata", "true");
  spec.body_limit = kLargestAnswer;
  HttpDetail answer;
  asio::co_spawn(loop, ask_http(client, std::move(spec), Clock::now() + budget),
                 [&](std::exception_ptr error, HttpDetail detail) {
                   if (!error) answer = std::move(detail);
                 });
  loop.run();
  if (answer.status != 200 || answer.body_truncated) return std::nullopt;
  return read_metadata(answer.body.data);
}

std::optional<Metadata> read_metadata(const std::string& json) {
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  Metadata metadata;
  metadata.region = word(object, "location");
  metadata.vm_size = word(object, "vmSize");
  metadata.cloud = cloud_of(word(object, "azEnvironment"));
  if (metadata.region.empty() && metadata.vm_size.empty()) return std::nullopt;
  return metadata;
}

void apply_metadata(Workspace& workspace, const Metadata& metadata) {
  workspace.on_azure = true;
  if (!workspace.cloud && metadata.cloud) {
    workspace.cloud = metadata.cloud;
    workspace.sources["cloud"] = "metadata";
  }
  if (!workspace.region && !metadata.region.empty()) {
    workspace.region = metadata.region;
    workspace.sources["region"] = "metadata";
  }
}

}  // namespace amlnet
