#include "agent/commands/explain_clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/issuers.h"
#include "agent/diagnosis/no_proxy.h"
#include "agent/diagnosis/program_stores.h"
#include "reports/human_parts.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostRows = 24;

std::string first_of(const ProxyEnvironment& environment, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

/// Which proxy the client takes where nothing is excepted: curl does not read HTTP_PROXY, Go not all_proxy.
std::string proxy_of(ProxyClient client, bool plain, const ProxyEnvironment& environment) {
  const std::vector<std::string> own = plain ? std::vector<std::string>{"http_proxy", "HTTP_PROXY"}
                                             : std::vector<std::string>{"https_proxy", "HTTPS_PROXY"};
  const bool lower_only = plain && client == ProxyClient::curl;
  auto proxy = first_of(environment, lower_only ? std::vector<std::string>{"http_proxy"} : own);
  if (proxy.empty() && client != ProxyClient::go) proxy = first_of(environment, {"all_proxy", "ALL_PROXY"});
  return proxy;
}

std::string way_of(const EndpointReport& endpoint, const ProxyEnvironment& environment) {
  std::string text;
  for (const auto client : kProxyClients) {
    const auto proxy = proxy_of(client, endpoint.protocol == "http", environment);
    const bool direct =
        proxy.empty() || goes_direct(client, no_proxy_list(client, environment), endpoint.host,
                                     static_cast<std::uint16_t>(endpoint.port));
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", words_of(client), direct ? "direct" : "by " + proxy);
  }
  return text;
}

bool is_web(const EndpointReport& endpoint) {
  return endpoint.protocol != "tcp" && endpoint.protocol != "udp" &&
         endpoint.host.find('*') == std::string::npos;
}

/// The endpoints of a requirement, or those that a finding lists.
std::vector<const EndpointReport*> endpoints_of(const Report& report, std::string_view id) {
  const auto finding = std::find_if(report.findings.begin(), report.findings.end(),
                                    [&](const Finding& one) { return one.id == id; });
  std::vector<const EndpointReport*> found;
  std::set<std::string> known;
  for (const auto& requirement : report.requirements) {
    for (const auto& endpoint : requirement.endpoints) {
      const auto target = host_port(endpoint.host, static_cast<unsigned>(std::max(endpoint.port, 0)));
      const bool listed =
          finding != report.findings.end() &&
          std::find(finding->endpoints.begin(), finding->endpoints.end(), target) != finding->endpoints.end();
      const bool wanted = finding == report.findings.end() ? requirement.id == id : listed;
      if (wanted && is_web(endpoint) && known.insert(target).second) found.push_back(&endpoint);
    }
  }
  return found;
}

const TlsDetail* handshake_of(const Report& report, const EndpointReport& endpoint) {
  for (const auto& probe : report.probes) {
    const auto* tls = detail_of<TlsDetail>(probe);
    const bool own =
        std::find(endpoint.probes.begin(), endpoint.probes.end(), probe.id) != endpoint.probes.end();
    if (tls && own && !tls->chain.empty()) return tls;
  }
  return nullptr;
}

std::string says(const StoreVerdict& verdict) {
  return verdict.code == 0 ? fmt::format("{} trusts it", verdict.store)
                           : fmt::format("{} says: {}", verdict.store, verdict.text);
}

/// What other programs' stores say of an issuer: the run asks them once for each.
std::map<std::string, std::vector<StoreVerdict>> judged_issuers(const Report& report) {
  std::map<std::string, std::vector<StoreVerdict>> result;
  for (const auto& probe : report.probes) {
    const auto* tls = detail_of<TlsDetail>(probe);
    if (tls == nullptr || tls->chain.empty()) continue;
    auto verdicts = program_verdicts(*tls);
    if (!verdicts.empty())
      result.try_emplace(issuer_of(tls->chain, report.certificates).name, std::move(verdicts));
  }
  return result;
}

std::string trust_rows(const Report& report, const std::vector<const EndpointReport*>& endpoints,
                       const Style& style) {
  const auto judged = judged_issuers(report);
  std::string text;
  std::set<std::string> shown;
  for (const auto* endpoint : endpoints) {
    const auto* tls = handshake_of(report, *endpoint);
    const auto issuer = tls ? issuer_of(tls->chain, report.certificates).name : std::string();
    const auto found = judged.find(issuer);
    if (found == judged.end() || tls->verdicts.empty() || !shown.insert(issuer).second) continue;
    text += style.paragraph("  trust  ", issuer + ":", style.prose());
    text += style.paragraph("         - ", says(tls->verdicts.front()), style.prose(), 2);
    for (const auto& verdict : found->second)
      text += style.paragraph("         - ", says(verdict), style.prose(), 2);
  }
  return text;
}

}  // namespace

std::string clients_in_report(const Report& report, std::string_view id, const HumanOptions& options) {
  const Style style{options};
  const ProxyEnvironment environment(report.node.proxy.begin(), report.node.proxy.end());
  const bool proxies = std::any_of(environment.begin(), environment.end(), [](const auto& variable) {
    return variable.first != "no_proxy" && variable.first != "NO_PROXY";
  });
  const auto endpoints = endpoints_of(report, id);
  std::string text;
  for (std::size_t i = 0; proxies && i < endpoints.size() && i < kMostRows; ++i)
    text += style.paragraph("  way    ",
                            fmt::format("{}: {}", endpoints[i]->host, way_of(*endpoints[i], environment)),
                            style.prose(), 2);
  if (proxies && endpoints.size() > kMostRows)
    text += fmt::format("  {} more\n", endpoints.size() - kMostRows);
  text += trust_rows(report, endpoints, style);
  return text.empty() ? "" : '\n' + style.paint(Color::dim, "what programs make of it") + '\n' + text;
}

}  // namespace amlnet
