#include "agent/commands/bundle.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

#include "agent/catalog/catalog.h"
#include "agent/catalog/words.h"
#include "agent/commands/assemble.h"
#include "agent/commands/check.h"
#include "agent/commands/outputs.h"
#include "agent/commands/saved_report.h"
#include "agent/commands/upload.h"
#include "agent/commands/version.h"
#include "agent/upload/container.h"
#include "agent/workspace/environment.h"
#include "agent/workspace/node_texts.h"
#include "agent/workspace/read_file.h"
#include "probes/proxy.h"
#include "reports/bundle.h"
#include "reports/file.h"

namespace amlnet {
namespace {

using Variables = std::map<std::string, std::string>;

/// Of the environment nothing else goes into a bundle, but for AMLNET_*.
constexpr std::array<std::string_view, 34> kVariables{"https_proxy",
                                                      "http_proxy",
                                                      "no_proxy",
                                                      "all_proxy",
                                                      "HTTPS_PROXY",
                                                      "HTTP_PROXY",
                                                      "NO_PROXY",
                                                      "ALL_PROXY",
                                                      "SSL_CERT_FILE",
                                                      "SSL_CERT_DIR",
                                                      "REQUESTS_CA_BUNDLE",
                                                      "CURL_CA_BUNDLE",
                                                      "NODE_EXTRA_CA_CERTS",
                                                      "AZURE_CLIENT_ID",
                                                      "AZURE_TENANT_ID",
                                                      "AZURE_CLIENT_CERTIFICATE_PATH",
                                                      "AZURE_CLIENT_SECRET",
                                                      "AZURE_CLIENT_CERTIFICATE_PASSWORD",
                                                      "AZURE_AUTHORITY_HOST",
                                                      "MSI_ENDPOINT",
                                                      "MSI_SECRET",
                                                      "IDENTITY_ENDPOINT",
                                                      "IDENTITY_HEADER",
                                                      "DEFAULT_IDENTITY_CLIENT_ID",
                                                      "AZUREML_ARM_SUBSCRIPTION",
                                                      "AZUREML_ARM_RESOURCEGROUP",
                                                      "AZUREML_ARM_WORKSPACE_NAME",
                                                      "AZUREML_WORKSPACE_ID",
                                                      "AZUREML_SERVICE_ENDPOINT",
                                                      "MLFLOW_TRACKING_URI",
                                                      "AZ_BATCHAI_CLUSTER_NAME",
                                                      "LANG",
                                                      "LC_ALL",
                                                      "RES_OPTIONS"};

/// Whether the variable is a secret by its name, wherever it is used.
bool is_secret(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  constexpr std::array<std::string_view, 9> kParts{"SECRET",      "PASSWORD",        "PASSWD",
                                                   "TOKEN",       "IDENTITY_HEADER", "ACCESS_KEY",
                                                   "ACCOUNT_KEY", "API_KEY",         "CREDENTIAL"};
  return std::ranges::any_of(kParts,
                             [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

void add_environment(BundleInput& input, const Variables& variables) {
  for (const auto& [name, value] : variables) {
    if (name == "AMLNET_UPLOAD") {
      for (std::string& secret : secrets_in_url(value)) input.secrets.push_back(std::move(secret));
      input.environment.emplace_back(name, value.substr(0, value.find('?')));
      continue;
    }
    if (is_secret(name)) input.secrets.push_back(value);
    const bool listed =
        std::ranges::find(kVariables, name) != kVariables.end() || name.starts_with("AMLNET_");
    if (listed) input.environment.emplace_back(name, is_secret(name) ? std::string(kRemoved) : value);
    // the password alone may stand elsewhere, too
    const std::size_t colon = value.find("://"), sign = value.rfind('@');
    if (!listed || colon == std::string::npos || sign == std::string::npos || sign < colon + 3) continue;
    const std::string userinfo = value.substr(colon + 3, sign - colon - 3);
    if (const std::size_t password = userinfo.find(':'); password != std::string::npos)
      input.secrets.push_back(userinfo.substr(password + 1));
  }
}

void add_node(BundleInput& input, const Report& report) {
  const Node node = read_node();
  const std::string version = version_text(builtin_catalog().version);
  input.texts.push_back({"versions.txt", "the program that wrote the bundle, and its libraries", version});
  if (report.node.hostname != node.hostname) {
    input.left_out.emplace_back("resolv.conf, hosts, routes, addresses, environment",
                                "the report is of another node than the one that packed it");
    return;
  }
  add_environment(input, environment());
  input.texts.push_back(
      {"resolv.conf", "/etc/resolv.conf", without_comments(read_file("/", "etc/resolv.conf"))});
  input.texts.push_back({"hosts", "/etc/hosts", without_comments(read_file("/", "etc/hosts"))});
  input.texts.push_back(
      {"routes.txt", "the kernel's routes",
       route_lines(read_file("/", "proc/net/route"), read_file("/", "proc/net/ipv6_route"))});
  input.texts.push_back({"addresses.txt", "the interfaces' addresses", address_lines(node)});
}

/// The names that all the world may read: what the built-in catalog requires, its documents, the regions of
/// the report.
std::vector<std::string> public_names(const Report& report) {
  std::vector<std::string> names;
  for (const Requirement& row : builtin_catalog().requirements) {
    for (const EndpointPattern& endpoint : row.endpoints) {
      names.push_back(endpoint.documented_as);
      for (const auto& [cloud, hosts] : endpoint.hosts) names.insert(names.end(), hosts.begin(), hosts.end());
    }
    for (const DocReference& doc : row.docs) {
      const std::size_t begin = doc.url.find("://");
      if (begin != std::string::npos)
        names.push_back(doc.url.substr(begin + 3, doc.url.find('/', begin + 3) - begin - 3));
    }
  }
  std::erase(names, "");
  // what Azure's own names are aliases of
  for (const char* alias :
       {"privatelink.store.core.windows.net", "frontdoor.blob.core.windows.net", "trafficmanager.net",
        "azurefd.net", "azureedge.net", "cloudapp.azure.com", "internal.cloudapp.net"})
    names.emplace_back(alias);
  if (!report.node.region.empty()) names.push_back(report.node.region);
  return names;
}

std::optional<std::string> random_key() {
  std::string key(32, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
    return std::nullopt;
  return key;
}

std::variant<Report, ConfigError> report_to_pack(const CheckOptions& options) {
  if (options.report.empty()) return checked_report(options);
  auto saved = read_saved(options.report);
  if (const auto* error = std::get_if<ConfigError>(&saved)) return *error;
  return std::get<SavedReport>(std::move(saved)).report;
}

/// 2026-03-19T08:00:00.000Z as part of a name: 20260319T080000Z.
std::string compact_time(const std::string& time) {
  std::string out;
  for (const char c : time.substr(0, 19))
    if (c != '-' && c != ':') out += c;
  return out + 'Z';
}

// The status, where nothing was written; else the path.
std::variant<int, std::string> pack(const CheckOptions& options) {
  const auto found = report_to_pack(options);
  if (const auto* error = std::get_if<ConfigError>(&found)) return say(2, error->text);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::optional<std::string> key = random_key();
  if (!key) return say(4, "bundle: no random bytes for the pseudonyms");

  BundleInput input;
  input.report = std::get<Report>(found);
  for (std::string& secret : secrets_in_url(options.upload)) input.secrets.push_back(std::move(secret));
  add_node(input, input.report);
  const std::string name = "amlnet-bundle-" + compact_time(timestamp(ms));
  const BundleRules rules{options.redaction, *key, public_names(input.report), name, timestamp(ms)};
  const auto made = make_bundle(input, rules);
  if (const auto* error = std::get_if<BundleError>(&made)) return say(4, "bundle: " + error->text);
  const Bundle& packed = std::get<Bundle>(made);

  const std::string path = options.bundle.empty() ? name + ".tar.gz" : options.bundle;
  std::optional<std::string> broken;
  const auto problem = replace_file(
      path, [&](const TextSink& sink) { broken = write_archive(packed.members, ms / 1000, sink); }, 0600);
  if (problem || broken) return say(4, problem ? *problem : *broken);
  std::string text = fmt::format("{}: {} files, secrets removed: {}", printable(path, 4096),
                                 packed.members.size(), packed.secrets);
  if (packed.names > 0) text += fmt::format(", names replaced: {}", packed.names);
  if (packed.addresses > 0) text += fmt::format(", addresses replaced: {}", packed.addresses);
  if (options.verbosity >= 0 && !print_text(text + '\n')) return say(4, "cannot write to standard output");
  return path;
}

/// What is sent is read back from the file; a device or a pipe gives nothing back.
std::optional<ConfigError> cannot_read_back(const CheckOptions& options) {
  struct stat there {};
  if (options.upload.empty() || options.bundle.empty()) return std::nullopt;
  if (stat(options.bundle.c_str(), &there) != 0 || S_ISREG(there.st_mode)) return std::nullopt;
  return ConfigError{fmt::format(
      "--output: {} is no regular file, and --upload sends what is read back from it; expected the "
      "path of a file, or no --output",
      printable(options.bundle, 4096))};
}

}  // namespace

int bundle(const CheckOptions& options) {
  if (const auto error = cannot_upload(options)) return say(2, error->text);
  if (const auto error = cannot_read_back(options)) return say(2, error->text);
  if (auto content = options.upload.empty() ? std::nullopt : read_bundle(options.report))
    return upload_packed(options, *std::move(content));
  const auto packed = pack(options);
  if (const int* status = std::get_if<int>(&packed)) return *status;
  return options.upload.empty() ? 0 : upload_file(options, std::get<std::string>(packed));
}

}  // namespace amlnet
