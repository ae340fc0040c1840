// The drawing of the path: node, nameservers, proxy or filters on the way, and the services behind, each
// coloured by what was found there. It draws what the report holds: where a finding sits follows from its
// cause.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "reports/headline.h"
#include "reports/html/page.h"
#include "reports/markup.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

enum class Zone { node, names, proxy, way, service };

/// Where a cause sits on the path.
Zone zone_of(std::string_view cause) {
  constexpr std::array kWay{"tls.sni-filtered",      "tls.intercepted", "tls.no-answer",
                            "http.firewall-denied",  "http.block-page", "http.host-filtered",
                            "http.websocket-blocked"};
  if (std::ranges::find(kWay, cause) != kWay.end()) return Zone::way;
  const std::string_view family = cause.substr(0, cause.find('.'));
  if (family == "dns") return Zone::names;
  if (family == "proxy") return Zone::proxy;
  if (family == "tcp" || family == "udp" || family == "path") return Zone::way;
  if (family == "tls" || family == "http" || family == "service" || family == "gateway") return Zone::service;
  return Zone::node;
}

struct Box {
  std::string title;
  std::vector<std::string> lines;
  Status status = Status::unknown;
  int x = 0, y = 0, width = 0;

  int height() const { return 34 + 18 * static_cast<int>(lines.size()); }
  int middle() const { return y + height() / 2; }
};

/// "finding 2", "findings 1, 3"; marks the box.
void blame(Box& box, const std::set<std::size_t>& findings, const Report& report) {
  if (findings.empty()) return;
  std::vector<std::string> numbers;
  bool blocking = false;
  for (const std::size_t place : findings) {
    numbers.push_back(std::to_string(place + 1));
    blocking = blocking || report.findings[place].severity == Severity::blocking;
  }
  box.lines.push_back((numbers.size() == 1 ? "finding " : "findings ") + joined(numbers, ", "));
  box.status = blocking ? Status::fail : Status::unknown;
}

std::set<std::size_t> findings_in(const Report& report, Zone zone) {
  std::set<std::size_t> places;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    if (zone_of(finding.cause) == zone) places.insert(i);
  }
  return places;
}

Box node_box(const Report& report) {
  Box box{report.node.hostname.empty() ? "this node" : report.node.hostname, {}, Status::pass, 10, 0, 210};
  std::vector<std::string> parts = place_parts(report);
  for (std::size_t i = 1; i < parts.size() && i < 4; ++i) box.lines.push_back(parts[i]);
  blame(box, findings_in(report, Zone::node), report);
  return box;
}

/// Whether the nameserver gave any valid answer; unknown where it was not asked.
Status answered(const Report& report, const std::string& server) {
  Status status = Status::unknown;
  for (const ProbeRecord& probe : report.probes) {
    const auto* dns = detail_of<DnsDetail>(probe);
    if (!dns) continue;
    for (const DnsAnswer& answer : dns->answers) {
      if (answer.server != server) continue;
      if (answer.rcode) return Status::pass;
      status = Status::fail;
    }
  }
  return status;
}

std::vector<Box> name_boxes(const Report& report) {
  constexpr std::size_t kMost = 3;
  std::vector<Box> boxes;
  std::set<std::size_t> rest = findings_in(report, Zone::names);
  std::vector<std::string> servers = report.node.resolvers;
  constexpr const char* kAzureDns = "168.63.129.16";
  const bool listed = std::ranges::find(servers, kAzureDns) != servers.end();
  if (!listed && answered(report, kAzureDns) != Status::unknown) servers.emplace_back(kAzureDns);
  const std::size_t shown = std::min(servers.size(), kMost);
  for (std::size_t i = 0; i < shown; ++i) {
    Box box{"DNS " + servers[i], {}, answered(report, servers[i]), 0, 0, 210};
    if (servers[i] == kAzureDns) box.lines.emplace_back("Azure DNS");
    std::set<std::size_t> own;
    for (const std::size_t place : rest) {
      if (report.findings[place].subject == servers[i]) own.insert(place);
    }
    for (const std::size_t place : own) rest.erase(place);
    blame(box, own, report);
    boxes.push_back(std::move(box));
  }
  if (boxes.empty()) boxes.push_back({"no nameserver", {}, Status::unknown, 0, 0, 210});
  if (servers.size() > shown)
    boxes.back().lines.push_back(fmt::format("and {} more", servers.size() - shown));
  blame(boxes.front(), rest, report);
  return boxes;
}

Box way_box(const Report& report) {
  Box box{"routes and filters", {}, Status::pass, 0, 0, 210};
  std::set<std::size_t> places = findings_in(report, Zone::way);
  const std::set<std::size_t> proxy = findings_in(report, Zone::proxy);
  places.insert(proxy.begin(), proxy.end());
  const std::string firewall = workspace_text(report, {"network", "firewall"});
  if (!firewall.empty() && firewall != "none") box.lines.push_back("firewall: " + firewall);
  for (const auto& [variable, value] : report.node.proxy) {
    if (variable == "https_proxy" || variable == "HTTPS_PROXY") box.lines.push_back("proxy " + value);
  }
  if (box.lines.empty()) box.lines.emplace_back("security groups, routes");
  blame(box, places, report);
  return box;
}

std::string address_of(const std::vector<const ProbeRecord*>& probes) {
  struct Address {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(const DnsDetail& dns) const {
      return dns.addresses.empty() ? "" : dns.addresses.front();
    }
    std::string operator()(const TcpDetail& tcp) const { return tcp.address; }
    std::string operator()(const UdpDetail& udp) const { return udp.address; }
    std::string operator()(const TlsDetail& tls) const { return tls.address; }
    std::string operator()(const HttpDetail& http) const { return http.address; }
    std::string operator()(const IdentityDetail& identity) const { return identity.address; }
  };
  for (const ProbeRecord* probe : probes) {
    if (std::string address = visit_detail(Address{}, probe->detail); !address.empty()) return address;
  }
  return "";
}

enum class Side { private_, public_, platform, nowhere };

/// RFC 1918, RFC 6598 and RFC 4193 are private; 169.254.0.0/16 (RFC 3927) and 168.63.129.16 are the
/// platform's.
Side side_of(const std::string& address) {
  in6_addr six{};
  if (inet_pton(AF_INET6, address.c_str(), &six) == 1)
    return (six.s6_addr[0] & 0xfe) == 0xfc ? Side::private_ : Side::public_;
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) != 1) return Side::nowhere;
  const std::uint32_t value = ntohl(four.s_addr);
  if (address == "168.63.129.16" || value >> 16 == 0xa9fe) return Side::platform;
  const bool inside =
      value >> 24 == 10 || value >> 20 == 0xac1 || value >> 16 == 0xc0a8 || value >> 22 == 0x191;
  return inside ? Side::private_ : Side::public_;
}

struct Group {
  std::set<std::string> endpoints, passing, failing, untestable;
  std::set<std::size_t> findings;
};

std::array<Group, 4> groups_of(const Page& page) {
  std::array<Group, 4> groups;
  for (const RequirementReport& requirement : page.report.requirements) {
    for (const EndpointReport& endpoint : requirement.endpoints) {
      const std::vector<const ProbeRecord*> probes = probes_of(endpoint, page.index);
      if (probes.empty()) continue;
      const std::string address = address_of(probes);
      Group& group = groups[static_cast<std::size_t>(side_of(address.empty() ? endpoint.host : address))];
      const std::string name = endpoint_name(endpoint.host, endpoint.port);
      group.endpoints.insert(name);
      if (endpoint.status == Status::pass) group.passing.insert(name);
      if (endpoint.status == Status::fail) group.failing.insert(name);
      if (endpoint.unknown_because == Unknown::not_testable) group.untestable.insert(name);
      const Finding* finding = finding_of(page.report, endpoint, page.index);
      if (finding && zone_of(finding->cause) == Zone::service)
        group.findings.insert(static_cast<std::size_t>(finding - page.report.findings.data()));
    }
  }
  return groups;
}

std::vector<Box> service_boxes(const Page& page) {
  constexpr std::array kTitles{"private addresses", "public services", "Azure platform",
                               "name without address"};
  std::vector<Box> boxes;
  std::size_t side = 0;
  for (const Group& group : groups_of(page)) {
    const char* title = kTitles[side++];
    if (group.endpoints.empty()) continue;
    Box box{title, {}, Status::pass, 0, 0, 240};
    const std::size_t tested = group.endpoints.size() - group.untestable.size();
    if (tested > 0)
      box.lines.push_back(fmt::format("{} of {} pass", group.passing.size(), counted(tested, "endpoint")));
    if (!group.failing.empty()) box.lines.push_back(fmt::format("{} fail", group.failing.size()));
    if (!group.untestable.empty())
      box.lines.push_back(fmt::format("{} not testable", group.untestable.size()));
    if (group.passing.size() < tested || tested == 0) box.status = Status::unknown;
    blame(box, group.findings, page.report);
    if (!group.failing.empty()) box.status = Status::fail;
    boxes.push_back(std::move(box));
  }
  return boxes;
}

/// Stacks `boxes` below `y` at `x`; returns where they end.
int stack(std::vector<Box>& boxes, int x, int y) {
  for (Box& box : boxes) {
    box.x = x;
    box.y = y;
    y += box.height() + 16;
  }
  return y;
}

std::string box_svg(const Box& box) {
  constexpr int kRoom = 25;
  std::string out =
      fmt::format("<g class=\"box {}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
                  class_of(box.status), box.x, box.y, box.width, box.height());
  out += fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{} {}</text>", box.x + 12, box.y + 22,
                     sign_of(box.status), markup(shortened(escaped(box.title), kRoom, "…")));
  int y = box.y + 42;
  for (const std::string& line : box.lines) {
    out += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", box.x + 12, y,
                       markup(shortened(escaped(line), kRoom + 2, "…")));
    y += 18;
  }
  return out + "</g>\n";
}

std::string edge(const Box& from, const Box& to, Status status) {
  const int x1 = from.x + from.width, x2 = to.x, bend = (x1 + x2) / 2;
  return fmt::format("<path class=\"edge {}\" d=\"M{} {}C{} {} {} {} {} {}\"/>\n", class_of(status), x1,
                     from.middle(), bend, from.middle(), bend, to.middle(), x2, to.middle());
}

/// The same in words, for who cannot see it.
std::string in_words(const std::vector<const Box*>& boxes) {
  std::string out;
  for (const Box* box : boxes)
    out += fmt::format("{}: {}{}{}. ", box->title, name_of(box->status), box->lines.empty() ? "" : ", ",
                       joined(box->lines, ", "));
  return markup(out);
}

}  // namespace

std::string html_path(const Page& page) {
  Box node = node_box(page.report);
  std::vector<Box> names = name_boxes(page.report), services = service_boxes(page);
  std::vector<Box> middle = names;
  middle.push_back(way_box(page.report));
  const int height = std::max({stack(middle, 375, 10), stack(services, 750, 10), node.height() + 30});
  node.y = std::max(10, (height - 16 - node.height()) / 2);
  std::string boxes = box_svg(node), edges;
  std::vector<const Box*> all{&node};
  for (const Box& box : middle) {
    boxes += box_svg(box);
    edges += edge(node, box, box.status);
    all.push_back(&box);
  }
  for (const Box& box : services) {
    boxes += box_svg(box);
    edges += edge(middle.back(), box, box.status);
    all.push_back(&box);
  }
  std::string out = "<section id=\"path\">\n<h2>Path</h2>\n";
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of the path\">\n";
  out += fmt::format(
      "<svg class=\"path\" viewBox=\"0 0 1000 {}\" role=\"img\" aria-labelledby=\"path-title path-text\">\n"
      "<title id=\"path-title\">From the node to what it needs</title><desc id=\"path-text\">{}</desc>\n",
      height, in_words(all));
  return out + edges + boxes + "</svg>\n</div>\n</section>\n";
}

}  // namespace amlnet
