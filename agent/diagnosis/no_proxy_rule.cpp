// Exceptions from the proxy that some clients do not see: the same host then goes direct in one program and
// through the proxy in the next.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/no_proxy.h"
#include "agent/diagnosis/observed.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {
namespace {

bool is_web(const Trail& trail) {
  const auto protocol = trail.endpoint->protocol;
  return protocol == Protocol::tls || protocol == Protocol::https || protocol == Protocol::http;
}

bool has_proxy(const ProxyEnvironment& environment) {
  return !proxy_for("https", "example.invalid", environment).empty() ||
         !proxy_for("http", "example.invalid", environment).empty();
}

/// The clients that send this host through the proxy, whatever the entry meant.
std::vector<std::string> ignorers(const ProxyEnvironment& environment, const Trail& trail) {
  std::vector<std::string> result;
  for (const auto client : kProxyClients) {
    const auto list = no_proxy_list(client, environment);
    if (!goes_direct(client, list, trail.endpoint->host, trail.endpoint->port))
      result.emplace_back(words_of(client));
  }
  return result;
}

/// An entry and what it fails to do.
struct Ignored {
  std::vector<std::string> hosts, clients;
  std::vector<Trail*> trails;
};

std::vector<std::string> entries_of(const ProxyEnvironment& environment) {
  std::vector<std::string> all;
  for (const auto* name : {"no_proxy", "NO_PROXY"}) {
    const auto found = environment.find(name);
    if (found == environment.end()) continue;
    for (auto& entry : no_proxy_entries(found->second)) {
      if (std::find(all.begin(), all.end(), entry) == all.end()) all.push_back(std::move(entry));
    }
  }
  return all;
}

void add_new(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

Ignored judge(Case& c, const std::string& entry) {
  Ignored result;
  for (auto& trail : c.trails) {
    if (!is_web(trail)) continue;
    const auto* names = trail.names();
    const std::vector<std::string> addresses = names ? names->addresses : std::vector<std::string>();
    if (!is_meant_for(entry, trail.endpoint->host, trail.endpoint->port, addresses)) continue;
    const auto clients = ignorers(c.facts.node.proxies, trail);
    if (clients.empty()) continue;
    for (const auto& client : clients) add_new(result.clients, client);
    add_new(result.hosts, trail.endpoint->host);
    result.trails.push_back(&trail);
  }
  return result;
}

}  // namespace

void rule_no_proxy_syntax(Case& c) {
  const auto& environment = c.facts.node.proxies;
  if (!has_proxy(environment)) return;
  std::vector<std::string> bad;
  for (const auto& entry : entries_of(environment)) {
    const auto ignored = judge(c, entry);
    if (ignored.trails.empty()) continue;
    auto& draft = c.draft("config.no-proxy-syntax", "node");
    draft.confidence = Confidence::certain;
    bad.push_back(excerpt_of(entry, 60));
    draft.say(fmt::format("NO_PROXY has {}, and {} {} {} through the proxy all the same", bad.back(),
                          joined(ignored.clients), ignored.clients.size() == 1 ? "sends" : "send",
                          joined(ignored.hosts, 3)));
    for (auto* trail : ignored.trails) c.touch(draft, *trail);
  }
  if (bad.empty()) return;
  c.draft("config.no-proxy-syntax", "node").title =
      fmt::format("NO_PROXY has entries that common clients ignore: {}", joined(bad, 3));
}

}  // namespace amlnet
