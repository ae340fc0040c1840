// From records to trails: which probes belong to which endpoint and address, and where each ended. Rules
// never look for records on their own.
#include <algorithm>
#include <array>

#include "agent/diagnosis/answers.h"
#include "agent/diagnosis/canary.h"
#include "agent/diagnosis/case.h"
#include "agent/diagnosis/domains.h"
#include "agent/diagnosis/handshakes.h"
#include "agent/diagnosis/held_up.h"
#include "agent/diagnosis/refusals.h"
#include "agent/diagnosis/upgrades.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostAddresses =
    8;  // contract section 3, through the scheduler: addresses tried of one name

using Index = std::unordered_map<std::string, std::vector<const ProbeRecord*>>;

bool needs_upgrade(const Endpoint& e) {
  return e.protocol == Protocol::wss;
}
bool needs_handshake(const Endpoint& e) {
  return e.protocol == Protocol::tls || e.protocol == Protocol::https || needs_upgrade(e);
}
bool needs_answer(const Endpoint& e) {
  return e.protocol == Protocol::http || e.protocol == Protocol::https || needs_upgrade(e);
}
/// The row's place for this answer; the upgrade to WebSocket is a stage of its own, which only those who need
/// it look at.
const ProbeRecord** place_of_answer(const Endpoint& endpoint, const HttpDetail& http, AddressTrail& row) {
  if (!needs_answer(endpoint)) return nullptr;
  if (!is_websocket_url(http.url)) return &row.answer;
  return needs_upgrade(endpoint) ? &row.upgrade : nullptr;
}
bool ended(const ProbeRecord* record) {
  return record && (record->status == ProbeStatus::ok || record->status == ProbeStatus::failed) &&
         !slept_through(*record);
}

AddressTrail& at_address(Trail& trail, const std::string& address) {
  for (auto& row : trail.addresses) {
    if (row.address == address) return row;
  }
  AddressTrail row;
  row.address = address;
  return trail.addresses.emplace_back(std::move(row));
}

void take_direct(Trail& trail, const ProbeRecord& record) {
  const auto protocol = trail.endpoint->protocol;
  if (const auto* udp = detail_of<UdpDetail>(record)) {
    if (protocol == Protocol::udp) at_address(trail, udp->address).connect = &record;
  } else if (protocol == Protocol::udp) {
    return;
  } else if (const auto* tcp = detail_of<TcpDetail>(record)) {
    at_address(trail, tcp->address).connect = &record;
  } else if (const auto* tls = detail_of<TlsDetail>(record)) {
    if (needs_handshake(*trail.endpoint)) at_address(trail, tls->address).handshake = &record;
  } else if (const auto* http = detail_of<HttpDetail>(record)) {
    auto& row = at_address(trail, http->address);
    if (const auto** place = place_of_answer(*trail.endpoint, *http, row)) *place = &record;
  }
}

void take_proxied(Trail& trail, const ProbeRecord& record) {
  if (trail.addresses.empty()) trail.addresses.emplace_back();
  auto& row = trail.addresses.front();
  const auto* http = detail_of<HttpDetail>(record);
  if (http != nullptr) {
    row.address = http->address;
    const bool whole = trail.endpoint->protocol == Protocol::http;
    if (http->method == "CONNECT" || whole) trail.tunnel = &record;
    const auto** place =
        trail.tunnel == &record && !whole ? nullptr : place_of_answer(*trail.endpoint, *http, row);
    if (place != nullptr) *place = &record;
  } else if (detail_of<TlsDetail>(record)) {
    row.handshake = &record;
  }
}

bool goes_through_proxy(const std::vector<const ProbeRecord*>& records, const Endpoint& endpoint) {
  if (endpoint.protocol == Protocol::tcp || endpoint.protocol == Protocol::udp) return false;
  return std::any_of(records.begin(), records.end(), [](const ProbeRecord* r) {
    const auto* http = detail_of<HttpDetail>(*r);
    return http != nullptr && !http->proxy.empty();
  });
}

void set(AddressTrail& row, Progress progress, TrailStage stage) {
  row.progress = progress;
  row.stage = stage;
}

void judge_connect_only(const Case& c, const Trail& trail, AddressTrail& row, double slowest_ms) {
  if (const auto* udp = detail_of<UdpDetail>(row.connect)) {
    const bool silent = !udp->answered && (!udp->error || udp->error.failure == Failure::timeout);
    return set(row,
               udp->answered ? Progress::passed
               : silent      ? Progress::undecided
                             : Progress::failed,
               TrailStage::connect);
  }
  const auto canary = canary_on(c, trail.endpoint->port, slowest_ms);
  const auto progress = canary.connects ? Progress::undecided
                        : canary.silent ? Progress::passed
                                        : Progress::unfinished;
  set(row, progress, TrailStage::connect);
}

/// RStudio and the language server: a refusal proves a way there, and that nothing listens or something
/// rejects.
bool may_not_listen(const Endpoint& endpoint) {
  return endpoint.port == 8787 || endpoint.port == 18881;
}

/// A service that admits the anonymous may still refuse this network to whoever shows a token: a vault looks
/// at its network rules only then. A missing role is no such refusal.
bool refuses_network(const Trail& trail) {
  const auto* answer = trail.token_answer();
  const auto kind = answer ? judge_refusal(*answer) : AnswerKind::none;
  return kind != AnswerKind::none && kind != AnswerKind::good && kind != AnswerKind::role_missing;
}

/// What comes after the connection, direct or through a tunnel.
void judge_beyond(const Case& c, const Trail& trail, AddressTrail& row) {
  const auto& endpoint = *trail.endpoint;
  if (needs_handshake(endpoint)) {
    const auto* tls = detail_of<TlsDetail>(row.handshake);
    if (!ended(row.handshake) || !tls) return set(row, Progress::unfinished, TrailStage::handshake);
    if (kind_of(*tls) != HandshakeKind::good) return set(row, Progress::failed, TrailStage::handshake);
  }
  if (needs_answer(endpoint)) {
    const auto* http = detail_of<HttpDetail>(row.answer);
    if (!ended(row.answer) || !http) return set(row, Progress::unfinished, TrailStage::answer);
    if (judge_answer(*http, endpoint) != AnswerKind::good || refuses_network(trail))
      return set(row, Progress::failed, TrailStage::answer);
  }
  if (needs_upgrade(endpoint)) return set(row, progress_of_upgrade(c, endpoint, row), TrailStage::upgrade);
  set(row, Progress::passed, TrailStage::answer);
}

void judge_direct(const Case& c, const Trail& trail, AddressTrail& row, double slowest_ms) {
  const auto& endpoint = *trail.endpoint;
  if (!ended(row.connect)) return set(row, Progress::unfinished, TrailStage::connect);
  const auto* tcp = detail_of<TcpDetail>(row.connect);
  if (tcp != nullptr && row.connect->status == ProbeStatus::failed) {
    const bool excused = tcp->error.failure == Failure::refused && !tcp->icmp && may_not_listen(endpoint);
    return set(row, excused ? Progress::undecided : Progress::failed, TrailStage::connect);
  }
  if (!needs_handshake(endpoint) && !needs_answer(endpoint))
    return judge_connect_only(c, trail, row, slowest_ms);
  judge_beyond(c, trail, row);
}

void judge_proxied(const Case& c, const Trail& trail, AddressTrail& row) {
  const auto* tunnel = detail_of<HttpDetail>(trail.tunnel);
  if (!ended(trail.tunnel) || !tunnel) return set(row, Progress::unfinished, TrailStage::tunnel);
  const bool refused = trail.tunnel->status == ProbeStatus::failed && trail.tunnel != row.answer;
  if (refused || (trail.tunnel == row.answer && (tunnel->error || answered_by_proxy(*tunnel)))) {
    return set(row, Progress::failed, TrailStage::tunnel);
  }
  judge_beyond(c, trail, row);
}

/// An address that stopped where another one of the name went on does not hold the verdict up: the next stage
/// is tried at one address only.
void forgive_untried_stages(Trail& trail) {
  for (auto& row : trail.addresses) {
    if (row.progress != Progress::unfinished || row.stage != TrailStage::answer || row.answer) continue;
    const bool elsewhere = std::any_of(trail.addresses.begin(), trail.addresses.end(),
                                       [](const AddressTrail& other) { return ended(other.answer); });
    if (elsewhere) set(row, Progress::failed, TrailStage::name);  // ranks below every real failure
  }
}

/// "An endpoint passes if any IPv4 address passes all its stages": IPv6 counts only where a name has nothing
/// else.
void conclude(Trail& trail) {
  forgive_untried_stages(trail);
  const bool v4 =
      std::any_of(trail.addresses.begin(), trail.addresses.end(), [](const auto& a) { return !a.ipv6(); });
  std::array<int, 4> counts{};
  std::optional<std::size_t> furthest;
  for (std::size_t i = 0; i < trail.addresses.size(); ++i) {
    const auto& row = trail.addresses[i];
    if (v4 && row.ipv6()) continue;
    ++counts[static_cast<std::size_t>(row.progress)];
    if (row.progress != Progress::failed) continue;
    if (!furthest || row.stage > trail.addresses[*furthest].stage) furthest = i;
  }
  const auto count = [&](Progress p) { return counts[static_cast<std::size_t>(p)]; };
  if (count(Progress::passed) > 0) {
    trail.progress = Progress::passed;
  } else if (count(Progress::unfinished) > 0 || !(furthest || count(Progress::undecided) > 0)) {
    trail.progress = Progress::unfinished;
  } else if (count(Progress::undecided) > 0) {
    trail.progress = Progress::undecided;
  } else {
    trail.progress = Progress::failed;
    trail.decisive = *furthest;
    trail.stage = trail.addresses[*furthest].stage;
  }
}

bool was_asked(const DnsDetail& detail) {
  return std::any_of(detail.answers.begin(), detail.answers.end(),
                     [](const DnsAnswer& a) { return reply_of(a) != Reply::unasked; });
}

/// Of all the questions with a token, which are controls, the one to this endpoint that was answered.
const ProbeRecord* asked_with_token(const Case& c, const Trail& trail) {
  const auto found = c.controls.find("authenticated");
  if (found == c.controls.end() || !needs_answer(*trail.endpoint)) return nullptr;
  const auto here = std::ranges::find_if(found->second, [&](const ProbeRecord* record) {
    return record->status == ProbeStatus::ok && record->target == trail.target;
  });
  return here == found->second.end() ? nullptr : *here;
}

void read_trail(const Case& c, Trail& trail, const Index& by_target, const Index& by_name,
                double slowest_ms) {
  const auto& endpoint = *trail.endpoint;
  if (const auto dns = by_name.find(endpoint.host); dns != by_name.end()) trail.dns = dns->second.front();
  const auto found = by_target.find(trail.target);
  const std::vector<const ProbeRecord*> none;
  const auto& records = found == by_target.end() ? none : found->second;
  trail.proxied = goes_through_proxy(records, endpoint);
  trail.with_token = asked_with_token(c, trail);
  const auto* names = trail.names();
  if (!trail.proxied && names != nullptr) {
    for (std::size_t i = 0; i < names->addresses.size() && i < kMostAddresses; ++i)
      at_address(trail, names->addresses[i]);
  }
  for (const auto* record : records)
    trail.proxied ? take_proxied(trail, *record) : take_direct(trail, *record);
  for (auto& row : trail.addresses)
    trail.proxied ? judge_proxied(c, trail, row) : judge_direct(c, trail, row, slowest_ms);
  conclude(trail);
  if (!trail.proxied && ended(trail.dns) && names != nullptr && was_asked(*names) &&
      (names->addresses.empty() || !detour_of(c, trail).empty())) {
    trail.progress = Progress::failed;
    trail.stage = TrailStage::name;
    trail.name_fault = NameFault::no_address;
  }
}

}  // namespace

void read_trails(Case& c) {
  Index by_target, by_name;
  for (const auto& record : c.facts.evidence.probes) {
    if (record.purpose == Purpose::follow_up) {
      c.follow_up[record.target].push_back(&record);
    } else if (!record.control.empty()) {
      c.controls[record.control].push_back(&record);
    } else if (record.kind == ProbeKind::dns) {
      by_name[record.target].push_back(&record);
    } else if (record.purpose == Purpose::requirement) {
      by_target[record.target].push_back(&record);
    } else {
      c.direct[record.target].push_back(&record);
    }
  }
  const auto slowest = slowest_connect(c.facts.evidence);
  c.trails.resize(c.facts.plan.endpoints.size());
  for (std::size_t i = 0; i < c.trails.size(); ++i) {
    auto& trail = c.trails[i];
    trail.index = i;
    trail.endpoint = &c.facts.plan.endpoints[i];
    trail.target = host_port(trail.endpoint->host, trail.endpoint->port);
    read_trail(c, trail, by_target, by_name, slowest);
  }
}

}  // namespace amlnet
