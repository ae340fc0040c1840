// Silent addresses: is it the port, the crowd, and how far do packets come?
#include <algorithm>
#include <set>

#include "agent/diagnosis/questions.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostSiblings = 16, kMostOneByOne = 6, kMostTraced = 3;
constexpr int kHops = 8;  // from a node to the edge of its network; the internet beyond is nobody's firewall

const TcpDetail* silent(const Trail& trail) {
  if (!trail.open_at(TrailStage::connect) || trail.proxied) return nullptr;
  const auto* tcp = trail.tcp();
  return tcp && tcp->error.failure == Failure::timeout && !tcp->icmp ? tcp : nullptr;
}

FollowUp connection(const Trail& trail, std::string control, std::string address, std::uint16_t port) {
  FollowUp result;
  result.endpoint = trail.index;
  result.control = std::move(control);
  result.tcp.address = std::move(address);
  result.tcp.port = port;
  result.brief = true;
  return result;
}

bool any_public_answers(const Case& c) {
  return std::any_of(c.trails.begin(), c.trails.end(), [&](const Trail& trail) {
    return std::any_of(trail.addresses.begin(), trail.addresses.end(), [&](const AddressTrail& row) {
      const bool up =
          row.connect && row.connect->kind == ProbeKind::tcp && row.connect->status == ProbeStatus::ok;
      return up && c.place(row.address) == Whereabouts::internet;
    });
  });
}

}  // namespace

const HttpDetail* silent_request(const Trail& trail) {
  if (!trail.open_at(TrailStage::answer) || trail.proxied) return nullptr;
  const auto* http = trail.http();
  const bool unconnected =
      http && http->status == 0 && http->error.failure == Failure::timeout && http->connect_ms <= 0;
  return unconnected ? http : nullptr;
}

void ask_sibling_ports(const Case& c, std::vector<FollowUp>& asked) {
  if (!c.follow_ups_named("sibling-port").empty()) return;
  std::set<std::string> tried;  // addresses of which more than the silent port is known, or will be
  std::map<std::string, std::set<std::uint16_t>> ports;
  for (const auto& trail : c.trails) {
    for (const auto& row : trail.addresses) ports[row.address].insert(trail.endpoint->port);
  }
  for (const auto& trail : c.trails) {
    const auto* tcp = silent(trail);
    if (tcp == nullptr || ports[tcp->address].size() > 1 || tried.size() >= kMostSiblings) continue;
    if (tcp->address == kMetadata || tcp->address == kAzureDns || !tried.insert(tcp->address).second)
      continue;
    const std::uint16_t other = tcp->port == 443 ? 80 : 443;
    asked.push_back(connection(trail, "sibling-port", tcp->address, other));
  }
}

void ask_one_by_one(const Case& c, std::vector<FollowUp>& asked) {
  if (!c.follow_ups_named("one-by-one").empty() || !any_public_answers(c)) return;
  int turn = 0;  // the first one comes after the other questions of its round, too
  for (const auto& trail : c.trails) {
    const auto* tcp = silent(trail);
    const auto* http = silent_request(trail);
    if ((!tcp && !http) || turn >= static_cast<int>(kMostOneByOne)) continue;
    const auto& address = tcp ? tcp->address : http->address;
    if (c.place(address) != Whereabouts::internet) continue;
    auto one = connection(trail, "one-by-one", address, trail.endpoint->port);
    one.turn = ++turn;
    asked.push_back(std::move(one));
  }
}

/// After the connections one by one, which SYNs at the same time would disturb.
void ask_hops(const Case& c, std::vector<FollowUp>& asked) {
  const bool alone_first =
      std::any_of(asked.begin(), asked.end(), [](const auto& f) { return f.control == "one-by-one"; });
  if (alone_first || !c.follow_ups_named("hop").empty()) return;
  std::set<std::string> traced;
  for (const auto& trail : c.trails) {
    const auto* tcp = silent(trail);
    const auto* alone = c.follow_up_of(trail, "one-by-one");
    const bool passes = alone && alone->status == ProbeStatus::ok;
    if (tcp == nullptr || passes || c.on_link(tcp->address) || traced.size() >= kMostTraced) continue;
    if (!traced.insert(tcp->address).second) continue;
    for (int hops = 1; hops <= kHops; ++hops) {
      auto syn = connection(trail, "hop", tcp->address, tcp->port);
      syn.tcp.ttl = hops;
      asked.push_back(std::move(syn));
    }
  }
}

}  // namespace amlnet
