#include "agent/diagnosis/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/diagnosis/domains.h"
#include "agent/plan/scope.h"

namespace amlnet {
namespace {

constexpr int kFormErr = 1, kServFail = 2, kNxDomain = 3, kNotImp = 4,
              kRefused = 5;  // RFC 1035 section 4.1.1

Reply reply_of_error(const WireError& error) {
  switch (error.failure) {
    case Failure::none:
    case Failure::timeout:
      return Reply::silent;
    case Failure::refused:
      return Reply::port_refused;
    case Failure::cancelled:
      return Reply::unasked;
    case Failure::host_unreachable:
    case Failure::net_unreachable:
    case Failure::local_blackhole:
    case Failure::local_prohibited:
    case Failure::local_reject:
      return Reply::unreachable;
    case Failure::reset:
    case Failure::closed:
      return Reply::silent;
    default:
      return Reply::malformed;
  }
}

bool has_address(const DnsAnswer& answer) {
  return std::any_of(answer.records.begin(), answer.records.end(),
                     [&](const DnsRecord& r) { return r.type == answer.type; });
}

/// Which of two answers to one question says more: any message beats none, TCP beats UDP, a later try an
/// earlier one.
bool says_more(const DnsAnswer& a, const DnsAnswer& b) {
  if (a.rcode.has_value() != b.rcode.has_value()) return a.rcode.has_value();
  if (a.truncated != b.truncated) return !a.truncated;
  return !b.rcode.has_value() && reply_of(b) == Reply::unasked;
}

void take(NameView& view, const DnsAnswer& answer) {
  for (const auto& record : answer.records) {
    auto& list = record.type == "CNAME" ? view.chain : view.addresses;
    const bool wanted = record.type == "CNAME" || record.type == answer.type;
    if (wanted && std::find(list.begin(), list.end(), record.data) == list.end()) list.push_back(record.data);
  }
}

NameView view_of(const DnsAnswer* a, const DnsAnswer* aaaa) {
  NameView view;
  view.answer = a ? a : aaaa;
  view.server = view.answer->server;
  view.reply = reply_of(*view.answer);
  if (a) take(view, *a);
  if (aaaa) take(view, *aaaa);
  if (view.reply != Reply::address && aaaa && reply_of(*aaaa) == Reply::address) {
    view.reply = Reply::address;
    view.answer = aaaa;
  }
  return view;
}

}  // namespace

Whereabouts place_of(const std::string& address, const Workspace& workspace) {
  switch (kind_of(address, workspace)) {
    case AddressKind::private_:
      return Whereabouts::ours;
    case AddressKind::loopback:
    case AddressKind::unspecified:
      return Whereabouts::sink;
    default:
      break;
  }
  for (const auto* prefix : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}) {
    if (in_prefix(address, prefix)) return Whereabouts::foreign;
  }
  return Whereabouts::internet;
}

std::string_view words_of(Whereabouts place) {
  switch (place) {
    case Whereabouts::ours:
      return "private";
    case Whereabouts::foreign:
      return "private, outside every known prefix";
    case Whereabouts::internet:
      return "public";
    case Whereabouts::sink:
      return "this machine itself";
  }
  return "";
}

bool definitive(Reply reply) {
  return reply == Reply::address || reply == Reply::nxdomain || reply == Reply::no_address;
}

std::string_view words_of(Reply reply) {
  switch (reply) {
    case Reply::address:
      return "an address";
    case Reply::nxdomain:
      return "NXDOMAIN (no such name)";
    case Reply::no_address:
      return "no address record";
    case Reply::servfail:
      return "SERVFAIL";
    case Reply::refused:
      return "REFUSED";
    case Reply::malformed:
      return "a malformed message";
    case Reply::truncated:
      return "a truncated answer, and nothing over TCP";
    case Reply::silent:
      return "no reply";
    case Reply::port_refused:
      return "port refused";
    case Reply::unreachable:
      return "no way to send the question";
    case Reply::unasked:
      return "not asked";
  }
  return "";
}

std::string NameView::private_zone() const {
  for (const auto& name : chain) {
    if (auto zone = private_zone_of(name); !zone.empty()) return zone;
  }
  return {};
}

bool NameView::blocked_by_policy() const {
  return std::any_of(chain.begin(), chain.end(),
                     [](const std::string& name) { return name == "blockpolicy.azuredns.invalid"; });
}

Reply reply_of(const DnsAnswer& answer) {
  if (!answer.rcode) return reply_of_error(answer.error);
  if (answer.truncated) return Reply::truncated;
  switch (*answer.rcode) {
    case 0:
      return has_address(answer) ? Reply::address : Reply::no_address;
    case kNxDomain:
      return Reply::nxdomain;
    case kServFail:
      return Reply::servfail;
    case kFormErr:
    case kNotImp:
      return Reply::malformed;
    case kRefused:
    default:
      return Reply::refused;
  }
}

std::vector<NameView> views_of(const DnsDetail& detail, std::string_view name) {
  struct Best {
    std::string server;
    const DnsAnswer *a = nullptr, *aaaa = nullptr;
  };
  std::vector<Best> servers;
  for (const auto& answer : detail.answers) {
    if (answer.name != name) continue;
    auto row = std::find_if(servers.begin(), servers.end(),
                            [&](const Best& b) { return b.server == answer.server; });
    if (row == servers.end()) row = servers.insert(servers.end(), {answer.server});
    auto& best = answer.type == "AAAA" ? row->aaaa : row->a;
    if (best == nullptr || says_more(answer, *best)) best = &answer;
  }
  std::vector<NameView> views;
  for (const auto& best : servers) views.push_back(view_of(best.a, best.aaaa));
  return views;
}

std::string_view answer_scope(const NameView& view, const Workspace& workspace) {
  if (view.reply == Reply::nxdomain || view.reply == Reply::no_address) return "no address";
  if (view.reply != Reply::address || view.addresses.empty()) return {};
  return place_of(view.addresses.front(), workspace) == Whereabouts::internet ? "public" : "private";
}

std::string describe(const NameView& view, std::string_view name, const Workspace& workspace) {
  std::string path(name);
  for (std::size_t i = 0; i < view.chain.size() && i < 8; ++i) path += " -> " + view.chain[i];
  if (view.reply != Reply::address) return fmt::format("{}: {}", path, words_of(view.reply));
  std::string addresses;
  for (std::size_t i = 0; i < view.addresses.size() && i < 4; ++i) {
    const auto& address = view.addresses[i];
    addresses += fmt::format("{}{} ({})", i ? ", " : "", address, words_of(place_of(address, workspace)));
  }
  return fmt::format("{} -> {}", path, addresses);
}

}  // namespace amlnet
