#include "agent/commands/assemble.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "agent/diagnosis/outcome.h"
#include "agent/plan/live.h"
#include "agent/workspace/workspace_json.h"

namespace amlnet {

namespace {

// A random UUID, version 4 (RFC 4122 section 4.4).
std::string new_run_id() {
  std::random_device random;
  std::uint32_t word[4] = {random(), random(), random(), random()};
  word[1] = (word[1] & 0xffff0fffU) | 0x4000U;
  word[2] = (word[2] & 0x3fffffffU) | 0x80000000U;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", word[0], word[1] >> 16, word[1] & 0xffff,
                     word[2] >> 16, word[2] & 0xffff, word[3]);
}

bool names_a_proxy(const std::string& variable) {
  return variable != "no_proxy" && variable != "NO_PROXY";
}

Report::Node describe_node(const RunInputs& inputs) {
  const Node& node = inputs.node;
  Report::Node out;
  out.hostname = node.hostname;
  out.os = node.os;
  out.kernel = node.kernel;
  out.region = inputs.workspace.region.value_or("");
  out.vm_size = inputs.vm_size;
  for (const Interface& interface : node.interfaces)
    out.interfaces.push_back(fmt::format("{} {}/{}", interface.name, interface.address, interface.prefix));
  out.resolvers = node.resolver.nameservers;
  out.search_domains = node.resolver.search;
  out.on_azure = inputs.workspace.on_azure;
  out.default_route = node.default_route;
  out.resolver_defaulted = node.resolver.defaulted;
  out.conntrack_count = node.conntrack_count;
  out.conntrack_max = node.conntrack_max;
  for (const auto& [variable, value] : node.proxies) {
    ProxyAddress proxy;
    if (!names_a_proxy(variable))
      out.proxy.emplace_back(variable, value);
    else
      out.proxy.emplace_back(variable, parse_proxy(value, proxy) ? proxy.shown : "(not a proxy URL)");
  }
  return out;
}

Report start_report(const RunInputs& inputs) {
  Report report;
  report.tool.version = AMLNET_VERSION;
  report.tool.catalog_version = inputs.catalog.version;
  report.tool.catalog_date = inputs.catalog.date;
  report.tool.catalog_sha256 = inputs.catalog.sha256;
  report.run.id = new_run_id();
  report.run.attempt = inputs.attempt;
  report.run.started = report.run.finished = timestamp(inputs.started_ms);
  report.node = describe_node(inputs);
  report.workspace = workspace_json(inputs.workspace);
  return report;
}

LiveRequirements live_requirements(const LiveList& list, const Plan& plan) {
  if (list.not_fetched.empty()) return compare_live(list.hosts, plan);
  LiveRequirements none;
  none.not_compared = list.not_fetched;
  return none;
}

}  // namespace

Report assemble_report(const RunInputs& inputs, RunResult result, Diagnosis diagnosis) {
  Report report = start_report(inputs);
  report.run.finished = timestamp(inputs.started_ms + static_cast<std::int64_t>(result.duration_ms));
  report.run.duration_ms = result.duration_ms;
  report.run.complete = result.complete;
  report.run.incomplete_because = result.incomplete_because;
  report.run.concurrency = result.concurrency;
  report.node.clock_offset_ms = clock_offset_ms(result.evidence.probes, inputs.started_ms);
  report.requirements = requirement_reports(inputs.plan, diagnosis);
  report.summary = summarize(report.requirements, diagnosis.findings);
  if (result.live_list) report.live_requirements = live_requirements(*result.live_list, inputs.plan);
  report.findings = std::move(diagnosis.findings);
  report.certificates = std::move(result.evidence.certificates);
  report.probes = std::move(result.evidence.probes);
  return report;
}

Report assemble_plan(const RunInputs& inputs) {
  Report report = start_report(inputs);
  Diagnosis nothing_probed;
  nothing_probed.endpoints.resize(inputs.plan.endpoints.size());
  report.requirements = requirement_reports(inputs.plan, nothing_probed);
  report.summary = summarize(report.requirements, {});
  return report;
}

std::string timestamp(std::int64_t ms_since_epoch) {
  const std::time_t seconds = static_cast<std::time_t>(ms_since_epoch / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms_since_epoch % 1000);
}

std::optional<double> clock_offset_ms(const Probes& probes, std::int64_t started_ms) {
  std::map<std::string, double> by_host;
  for (const ProbeRecord& probe : probes) {
    const auto* http = detail_of<HttpDetail>(probe);
    if (!http || !http->date) continue;
    const double here = static_cast<double>(started_ms) + probe.start_ms + http->first_byte_ms;
    // The header is cut to whole seconds: on average half a second has passed since.
    by_host[probe.target.substr(0, probe.target.rfind(':'))] =
        here - static_cast<double>(*http->date * 1000 + 500);
  }
  if (by_host.size() < 2) return std::nullopt;
  std::vector<double> offsets;
  for (const auto& [host, offset] : by_host) offsets.push_back(offset);
  std::nth_element(offsets.begin(), offsets.begin() + static_cast<long>(offsets.size() / 2), offsets.end());
  return offsets[offsets.size() / 2];
}

}  // namespace amlnet
