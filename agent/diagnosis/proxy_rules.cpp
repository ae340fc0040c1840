// What the configured proxy did. Its answers come before TLS, so they are certain: the proxy itself says so.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/proxy_tls.h"
#include "agent/diagnosis/rules.h"
#include "probes/proxy.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

const HttpDetail* tunnel_of(const Trail& trail) {
  return detail_of<HttpDetail>(trail.tunnel);
}

/// The proxy's own status, of the CONNECT or of a plain request; 0 when it gave none.
long status_of(const HttpDetail& http) {
  return http.proxy_status != 0 ? http.proxy_status : http.status;
}

/// A proxy whose own TLS is at fault has refused nothing: proxy_tls_rules.cpp judges it.
const HttpDetail* refused_tunnel(const Case& c, const Trail& trail) {
  const auto* http = trail.open_at(TrailStage::tunnel) ? tunnel_of(trail) : nullptr;
  return http && !faulty_proxy_tls(c, *http) ? http : nullptr;
}

std::string say_of(const Trail& trail, const HttpDetail& http) {
  if (const auto status = status_of(http); status != 0) {
    const auto squid = header_of(http, "x-squid-error");
    return fmt::format("{} answers {} to {}{}", http.proxy, status, trail.target,
                       squid.empty() ? "" : ", X-Squid-Error " + excerpt_of(squid, 60));
  }
  return fmt::format("{} for {}: {}", http.proxy, trail.target, words_of(http.error.failure));
}

/// The ports through which each proxy opened a tunnel to somebody.
std::set<std::pair<std::string, std::uint16_t>> open_ports(const Case& c) {
  std::set<std::pair<std::string, std::uint16_t>> result;
  for (const auto& trail : c.trails) {
    const auto* http = tunnel_of(trail);
    const bool through = http && (trail.progress == Progress::passed || trail.stage > TrailStage::tunnel);
    if (through && trail.progress != Progress::unfinished) result.emplace(http->proxy, trail.endpoint->port);
  }
  return result;
}

std::set<std::string> talking_proxies(const Case& c) {
  std::set<std::string> result;
  for (const auto& trail : c.trails) {
    const auto* http = tunnel_of(trail);
    if (http && status_of(*http) != 0) result.insert(http->proxy);
  }
  return result;
}

bool is_good(const ProbeRecord& record, const Endpoint& endpoint) {
  const auto* http = detail_of<HttpDetail>(record);
  if (http != nullptr) return judge_answer(*http, endpoint) == AnswerKind::good;
  return record.kind == ProbeKind::tls && record.status == ProbeStatus::ok;
}

/// The last stage that the direct path came to, where nothing of it failed; null elsewhere.
const ProbeRecord* direct_success(const Case& c, const Trail& trail) {
  const auto found = c.direct.find(trail.target);
  if (found == c.direct.end()) return nullptr;
  const ProbeRecord* last = nullptr;
  for (const auto* record : found->second) {
    const auto* http = detail_of<HttpDetail>(*record);
    if (record->kind == ProbeKind::tcp || (http && is_websocket_url(http->url))) continue;
    if (!is_good(*record, *trail.endpoint)) return nullptr;
    last = record;
  }
  return last;
}

std::string say_direct(const Trail& trail, const ProbeRecord& record) {
  const auto* http = detail_of<HttpDetail>(record);
  if (http == nullptr) return fmt::format("{} passes TLS directly", trail.target);
  return fmt::format("{} answers HTTP {} as it should directly, at {}", trail.target, http->status,
                     http->address);
}

void blame(Case& c, std::string_view cause, Trail& trail, const HttpDetail& http, std::string_view title,
           Confidence confidence) {
  auto& draft = c.draft(cause, http.proxy);
  draft.confidence = confidence;
  draft.title = fmt::format("The proxy {} {}", http.proxy, title);
  draft.say(say_of(trail, http), trail.tunnel);
  if (const auto* direct = direct_success(c, trail)) draft.say(say_direct(trail, *direct), direct);
  c.claim(draft, trail);
}

bool is_denial(const Trail& trail) {
  if (trail.stage == TrailStage::tunnel) return true;
  return trail.stage == TrailStage::answer && trail.http() && trail.http()->status == 403;
}

}  // namespace

void rule_proxy_unreachable(Case& c) {
  const auto talking = talking_proxies(c);
  for (auto& trail : c.trails) {
    const auto* http = refused_tunnel(c, trail);
    if (http == nullptr || status_of(*http) != 0 || talking.contains(http->proxy)) continue;
    const bool proven =
        http->error.failure == Failure::refused || http->error.failure == Failure::proxy_unresolved;
    blame(c, "proxy.unreachable", trail, *http, "does not answer",
          proven ? Confidence::certain : Confidence::likely);
    auto& draft = c.draft("proxy.unreachable", http->proxy);
    if (!proven)
      draft.or_else(
          "tcp.filtered",
          "The proxy may be down, or something between drops: try it from another host of its own subnet.");
  }
}

void rule_proxy_auth(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = refused_tunnel(c, trail);
    // tinyproxy answers 401 where the credentials are wrong
    const bool asks = http && (status_of(*http) == 407 || status_of(*http) == 401);
    if (!asks) continue;
    blame(
        c, "proxy.auth-required", trail, *http,
        http->proxy_credentials ? "does not accept the credentials that it is given" : "asks for credentials",
        Confidence::certain);
    c.draft("proxy.auth-required", http->proxy)
        .say(http->proxy_credentials ? "the proxy's URL holds credentials, and the proxy does not accept them"
                                     : "the proxy's URL holds no credentials");
  }
}

/// A private endpoint behind the proxy, which fails there while the direct path works.
void rule_private_traffic(Case& c) {
  for (auto& trail : c.trails) {
    if (!trail.open() || !trail.proxied || trail.endpoint->scope != Scope::private_ || !is_denial(trail))
      continue;
    const auto* direct = direct_success(c, trail);
    if (direct == nullptr) continue;
    auto& draft = c.draft("proxy.private-traffic", "node");
    draft.confidence = Confidence::certain;
    draft.title = "Traffic to private endpoints goes through the proxy, and works only without it";
    const auto* tunnel = tunnel_of(trail);
    draft.say(fmt::format("through {}: {}", tunnel ? tunnel->proxy : "the proxy", describe_trail(c, trail)),
              probe_of(trail));
    draft.say(say_direct(trail, *direct), direct);
    c.claim(draft, trail);
  }
}

void rule_proxy_port(Case& c) {
  const auto open = open_ports(c);
  for (auto& trail : c.trails) {
    const auto* http = refused_tunnel(c, trail);
    if (http == nullptr || trail.endpoint->port == 443) continue;
    const auto status = status_of(*http);
    const bool this_port = open.contains({http->proxy, trail.endpoint->port});
    if (status < 400 || status >= 500 || this_port || !open.contains({http->proxy, 443})) continue;
    blame(c, "proxy.port-refused", trail, *http,
          fmt::format("opens tunnels to port 443, and not to {}", trail.endpoint->port), Confidence::certain);
  }
}

void rule_proxy_denied(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = refused_tunnel(c, trail);
    if (http == nullptr) continue;
    const auto status = status_of(*http);
    if (status >= 500) continue;
    blame(c, "proxy.denied", trail, *http, "refuses hosts that are needed",
          status >= 400 ? Confidence::certain : Confidence::candidate);
    if (status == 0) {
      c.draft("proxy.denied", http->proxy)
          .or_else("proxy.cannot-reach",
                   "The proxy gave no status for these hosts: its log tells whether it refused or failed.");
    }
  }
}

void rule_proxy_cannot_reach(Case& c) {
  for (auto& trail : c.trails) {
    const auto* http = refused_tunnel(c, trail);
    if (http == nullptr || status_of(*http) < 500) continue;
    blame(c, "proxy.cannot-reach", trail, *http, "cannot resolve or reach hosts that are needed",
          Confidence::certain);
  }
}

void rule_proxy_imds(Case& c) {
  if (!c.facts.workspace.on_azure) return;
  const auto proxy = proxy_for("http", kMetadata, c.facts.node.proxies);
  if (proxy.empty()) return;
  ProxyAddress address;
  if (!parse_proxy(proxy, address)) return;
  auto& draft = c.draft("proxy.imds", "node");
  draft.confidence = Confidence::certain;
  draft.title = "The environment sends the instance metadata service through the proxy";
  draft.say(fmt::format("http_proxy is {} and no_proxy does not cover 169.254.169.254", address.shown));
  for (auto& trail : c.trails) {
    if (trail.endpoint->host != kMetadata) continue;
    c.claim(draft, trail);
    c.touch(draft, trail);
  }
}

}  // namespace amlnet
