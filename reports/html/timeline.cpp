// The waterfall: a row for each endpoint with a bar for each of its probes, then rows for control and
// follow-up probes. Times are on one scale from the start of the run.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "reports/headline.h"
#include "reports/html/page.h"
#include "reports/markup.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr int kLabel = 330, kWidth = 1000, kRow = 18, kTop = 26;

struct Lane {
  std::string label;
  std::vector<const ProbeRecord*> probes;
};

std::vector<Lane> lanes_of(const Page& page) {
  std::vector<Lane> lanes;
  std::set<std::string> endpoints;
  std::set<const ProbeRecord*> shown;
  for (const RequirementReport& requirement : page.report.requirements) {
    for (const EndpointReport& endpoint : requirement.endpoints) {
      const std::string name = endpoint_name(endpoint.host, endpoint.port);
      std::vector<const ProbeRecord*> probes = probes_of(endpoint, page.index);
      if (probes.empty() || !endpoints.insert(name).second) continue;
      shown.insert(probes.begin(), probes.end());
      lanes.push_back({name, std::move(probes)});
    }
  }
  std::map<std::string, std::size_t> others;
  for (const ProbeRecord& probe : page.report.probes) {
    if (shown.contains(&probe)) continue;
    const std::string what = probe.control.empty() ? std::string(name_of(probe.purpose)) : probe.control;
    const std::string name = what + ": " + probe.target;
    const auto [found, fresh] = others.emplace(name, lanes.size());
    if (fresh) lanes.push_back({name, {}});
    lanes[found->second].probes.push_back(&probe);
  }
  return lanes;
}

double end_of(const ProbeRecord& probe) {
  return probe.start_ms + probe.duration_ms;
}

/// 1, 2 or 5 times a power of ten, so that there are at most ten steps.
double step_of(double total) {
  const double power = std::pow(10, std::floor(std::log10(std::max(total, 1.0) / 10)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (total / (factor * power) <= 10) return factor * power;
  }
  return 10 * power;
}

double x_of(double ms, double total) {
  return kLabel + std::clamp(ms / total, 0.0, 1.0) * (kWidth - kLabel - 10);
}

std::string axis(double total, int height) {
  std::string out;
  const double step = step_of(total);
  for (int i = 0; i <= 10 && step * i <= total; ++i) {
    const double x = x_of(step * i, total);
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1}V{2}\"/><text x=\"{0:.1f}\" y=\"14\"{4}>{3}</text>\n", x,
        kTop - 6, height, i == 0 ? "0" : markup(duration_text(step * i)),
        x > kWidth - 40 ? " text-anchor=\"end\"" : "");
  }
  return out;
}

std::string bar(const ProbeRecord& probe, double total, std::size_t row) {
  const double x = x_of(probe.start_ms, total);
  const double width = std::max(x_of(end_of(probe), total) - x, 1.5);
  const bool bad = probe.purpose == Purpose::requirement &&
                   (probe.status == ProbeStatus::failed || probe.status == ProbeStatus::unfinished);
  return fmt::format("<rect class=\"{}{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"12\"/>",
                     name_of(probe.kind), bad ? " bad" : "", x, kTop + static_cast<int>(row) * kRow, width);
}

std::string lane_text(const Lane& lane, double total, std::size_t row) {
  std::string title = lane.label;
  std::string bars;
  for (const ProbeRecord* probe : lane.probes) {
    if (probe->status == ProbeStatus::skipped) continue;
    title += fmt::format(", {} {} at {} for {}", name_of(probe->kind), name_of(probe->status),
                         duration_text(probe->start_ms), duration_text(probe->duration_ms));
    bars += bar(*probe, total, row);
  }
  return fmt::format("<g><title>{}</title><text class=\"name\" x=\"0\" y=\"{}\">{}</text>{}</g>\n",
                     markup(title), kTop + static_cast<int>(row) * kRow + 10,
                     markup(shortened(escaped(lane.label), 46, "…")), bars);
}

}  // namespace

std::string html_timeline(const Page& page) {
  const std::vector<Lane> lanes = lanes_of(page);
  double total = 1;
  for (const ProbeRecord& probe : page.report.probes) total = std::max(total, end_of(probe));
  const int height = kTop + static_cast<int>(lanes.size()) * kRow + 6;
  std::string out = "<section id=\"timeline\">\n<h2>Timeline</h2>\n<p class=\"legend\">";
  for (const char* kind : {"dns", "tcp", "udp", "tls", "http"})
    out += fmt::format("<span class=\"key {0}\">{0}</span> ", kind);
  out += "<span class=\"key bad\">failed (outlined)</span></p>\n";
  out += "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline of all probes\">\n";
  out += fmt::format(
      "<svg class=\"waterfall\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} probes of {} in {}; the "
      "evidence below "
      "has their times as text\">\n",
      kWidth, height, page.report.probes.size(), counted(lanes.size(), "endpoint or control"),
      markup(duration_text(total)));
  out += axis(total, height);
  std::size_t row = 0;
  for (const Lane& lane : lanes) out += lane_text(lane, total, row++);
  return out + "</svg>\n</div>\n</section>\n";
}

}  // namespace amlnet
