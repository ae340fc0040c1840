#include "agent/commands/listen.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <set>

#include "agent/commands/outputs.h"
#include "agent/plan/inbound.h"
#include "agent/run/listening.h"
#include "agent/run/stop_signals.h"
#include "agent/workspace/node.h"
#include "reports/text.h"

namespace amlnet {

namespace {

constexpr std::size_t kMostLines = 1000;     // of connections; the rest is counted
constexpr std::size_t kMostPeers = 100'000;  // that are told apart

std::string why_not(const WireError& error) {
  if (error.code == EADDRINUSE) return "not free, another program listens there";
  if (error.code == EACCES)
    return "not opened, ports below 1024 need root or the capability CAP_NET_BIND_SERVICE";
  return fmt::format("not opened, {}", escaped(error.text, false));
}

std::string time_text(Milliseconds time) {
  const auto ms = time.count();
  if (ms % 60'000 == 0) return fmt::format("{} min", ms / 60'000);
  return ms % 1000 == 0 ? fmt::format("{} s", ms / 1000) : fmt::format("{} ms", ms);
}

std::string_view words_of(VisitKind kind) {
  switch (kind) {
    case VisitKind::asked:
      return "amlnet reach, got the answer";
    case VisitKind::other:
      return "asked for something else, got no answer";
    case VisitKind::silent:
      return "connected and said nothing, as amlnet reach does first";
    case VisitKind::turned_away:
      break;
  }
  return "turned away, too many at a time";
}

/// "amlnet reach 10.0.1.8", at the node's first address beside loopback.
std::string how_to_reach(const std::vector<std::uint16_t>& open, bool documented) {
  const Node node = read_node();
  std::string host = "HOST";
  for (const Interface& one : node.interfaces) {
    const bool far =
        !one.address.starts_with("127.") && one.address != "::1" && !one.address.starts_with("fe80");
    if (host == "HOST" && far) host = one.address;
  }
  const std::string ports = documented ? "" : fmt::format(" --ports {}", fmt::join(open, ","));
  return fmt::format("from another node: amlnet reach {}{}\n", host, ports);
}

/// What happens, as it happens, and what it came to.
class Listing {
 public:
  explicit Listing(const CheckOptions& options) : options_(options) {}

  void opened(const std::vector<OpenedPort>& ports) {
    for (const OpenedPort& one : ports) {
      print(fmt::format("port {:<5}  {}\n", one.port, one.error ? why_not(one.error) : "open"));
      if (!one.error) open_.push_back(one.port);
    }
    if (open_.empty()) return;
    print(how_to_reach(open_, options_.ports.empty()));
    print(fmt::format("listening for {}; Ctrl-C ends it\n", time_text(options_.listen_for)));
  }

  void visited(const Visit& visit) {
    ++visits_;
    asked_ += visit.kind == VisitKind::asked;
    if (peers_.size() < kMostPeers) peers_.insert(visit.from.substr(0, visit.from.rfind(':')));
    if (visits_ <= kMostLines)
      print(fmt::format("{} -> port {}: {}\n", escaped(visit.from, false), visit.port, words_of(visit.kind)));
    if (visits_ == kMostLines) print("further connections are only counted\n");
  }

  void ended(const std::string& signal) {
    print(fmt::format("ended by {}: {} connection{} from {} address{}, {} by amlnet reach\n",
                      signal.empty() ? "its time" : signal, visits_, visits_ == 1 ? "" : "s", peers_.size(),
                      peers_.size() == 1 ? "" : "es", asked_));
  }

  bool any_open() const { return !open_.empty(); }
  bool printed() const { return printed_; }

 private:
  void print(const std::string& text) { printed_ = print_text(text) && printed_; }

  const CheckOptions& options_;
  std::vector<std::uint16_t> open_;
  std::set<std::string> peers_;
  std::size_t visits_ = 0, asked_ = 0;
  bool printed_ = true;
};

}  // namespace

int listen(const CheckOptions& options) {
  hold_stop_signals();
  Listing listing(options);
  ListenHooks hooks;
  hooks.on_open = [&](const std::vector<OpenedPort>& ports) { listing.opened(ports); };
  hooks.on_visit = [&](const Visit& visit) { listing.visited(visit); };
  const std::vector<std::uint16_t> ports = options.ports.empty() ? documented_inbound_ports() : options.ports;
  const std::string signal = listen_on_ports(ports, options.listen_for, hooks);
  if (!listing.any_open()) return say(4, "listen: no port could be opened");
  listing.ended(signal);
  return listing.printed() ? 0 : say(4, "cannot write to standard output");
}

}  // namespace amlnet
