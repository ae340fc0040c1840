#include "reports/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

namespace amlnet {
namespace {

/// Only where this is no Azure machine has the kind of compute a default.
bool off_azure(const Report& report) {
  return workspace_text(report, {"sources", "compute.kind"}) == "default";
}

/// "eth0 10.0.1.7/24" -> "10.0.1.7"
std::string address_of(const std::string& interface) {
  const std::string address = interface.substr(interface.rfind(' ') + 1);
  return address.substr(0, address.find('/'));
}

std::string kind_words(const std::string& kind) {
  if (kind == "instance") return "compute instance";
  if (kind == "cluster") return "compute cluster";
  if (kind == "vm") return "virtual machine";
  return kind;
}

/// Where the facts came from, each source once: "option --region" and "option --cloud" are both "options".
std::string found_by(const Report& report) {
  constexpr std::string_view kInstance = "file /mnt/azmnt/.nbvm";
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSources{
      {{"option", "options"},
       {"file", "the workspace file"},
       {kInstance, "the instance's own file"},
       {"environment", "the environment"},
       {"metadata", "metadata"},
       {"resource-manager", "Resource Manager"}}};
  std::vector<std::string> words;
  if (!report.workspace->is_object() || !report.workspace->contains("sources")) return "";
  for (const auto& [prefix, word] : kSources) {
    for (const auto& source : (*report.workspace)["sources"]) {
      const std::string* text = source.get_ptr<const std::string*>();
      if (!text || !text->starts_with(prefix) || (*text == kInstance && prefix != kInstance)) continue;
      words.emplace_back(word);
      break;
    }
  }
  if (words.size() < 2) return joined(words, "");
  const std::string last = words.back();
  words.pop_back();
  return joined(words, ", ") + " and " + last;
}

/// With whose token the run asked: "identity by azure-cli", "no identity"; "" where nobody looked for one.
std::string identity_words(const Report& report) {
  std::string words;
  for (const ProbeRecord& probe : report.probes) {
    const auto* identity = detail_of<IdentityDetail>(probe);
    if (identity == nullptr) continue;
    if (probe.status == ProbeStatus::ok) return "identity by " + identity->method;
    words = "no identity";
  }
  return words;
}

/// The label that follows the first one, which is `size` long.
std::string label_after(const std::string& host, std::size_t size) {
  const std::string rest = host.size() > size ? host.substr(size + 1) : "";
  return rest.substr(0, rest.find('.'));
}

/// Hosts by their first label, in the order they came: "stws1 (blob, file)", a lone one in full; of one that
/// begins with an id its next label, "workspace".
std::vector<std::string> hosts_in_short(const std::vector<std::string>& hosts) {
  constexpr std::size_t kLongestName = 24;  // of a storage account or a vault
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const std::string& host : hosts) {
    const std::string first = host.substr(0, host.find('.'));
    auto group = std::ranges::find(groups, first, &decltype(groups)::value_type::first);
    if (group == groups.end()) group = groups.insert(group, {first, {}});
    group->second.push_back(host);
  }
  std::vector<std::string> words;
  for (auto& [first, members] : groups) {
    const std::string next = label_after(members.front(), first.size());
    const bool is_id = first.size() > kLongestName && !next.empty();
    const std::string alone = is_id ? next : members.front();
    for (std::string& host : members) host = label_after(host, first.size());
    words.push_back(members.size() > 1 ? fmt::format("{} ({})", first, joined(members, ", ")) : alone);
  }
  return words;
}

/// What was asked without a token only, and why; "" where nothing was left out.
std::string left_out_words(const Report& report) {
  std::vector<std::string> hosts, reasons;
  for (const ProbeRecord& probe : report.probes) {
    if (probe.control != "authenticated" || probe.status != ProbeStatus::skipped) continue;
    hosts.push_back(probe.target.substr(0, probe.target.rfind(':')));
    if (std::ranges::find(reasons, probe.note) == reasons.end()) reasons.push_back(probe.note);
  }
  if (hosts.empty()) return "";
  std::ranges::sort(hosts);
  return fmt::format("asked without a token only: {} ({})", joined(hosts_in_short(hosts), ", "),
                     joined(reasons, "; "));
}

std::size_t not_testable(const Report& report, std::optional<Level> level) {
  return static_cast<std::size_t>(
      std::ranges::count_if(report.requirements, [&](const RequirementReport& row) {
        return (!level || row.level == *level) && row.status == Status::unknown &&
               row.unknown_because == Unknown::not_testable;
      }));
}

std::size_t count_of(const Report& report, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, severity, &Finding::severity));
}

/// "41 of 43 required pass", or what is broken; "" for a level without rows.
std::string level_words(const Report& report, Level level, const Tally& tally) {
  const int untestable = static_cast<int>(not_testable(report, level));
  const int open = tally.unknown - untestable;
  const int all = tally.pass + tally.fail + open;
  if (all <= 0) return "";
  std::string words = tally.fail > 0 ? fmt::format("{} of {} {} {} broken", tally.fail, all, name_of(level),
                                                   tally.fail == 1 ? "is" : "are")
                                     : fmt::format("{} of {} {} pass", tally.pass, all, name_of(level));
  if (level == Level::required && tally.fail > 0)
    words += " by " + counted(count_of(report, Severity::blocking), "cause");
  if (open > 0) words += fmt::format(", {} unknown", open);
  return words;
}

}  // namespace

std::string workspace_text(const Report& report, std::initializer_list<const char*> path) {
  const nlohmann::ordered_json* at = &*report.workspace;
  for (const char* key : path) {
    const auto member = at->is_object() ? at->find(key) : at->end();
    if (member == at->end()) return "";
    at = &*member;
  }
  return at->is_string() ? at->get<std::string>() : "";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += between;
    out += part;
  }
  return out;
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string verdict_word(Verdict verdict) {
  std::string out(name_of(verdict));
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::vector<std::string> place_parts(const Report& report) {
  std::vector<std::string> parts{report.node.hostname};
  const std::string region =
      report.node.region.empty() ? workspace_text(report, {"region"}) : report.node.region;
  if (off_azure(report)) parts.emplace_back("not an Azure machine");
  if (!region.empty()) parts.push_back(region);
  const std::string kind = kind_words(workspace_text(report, {"compute", "kind"}));
  if (!kind.empty() && !off_azure(report)) parts.push_back(kind);
  if (!report.node.interfaces.empty()) parts.push_back(address_of(report.node.interfaces.front()));
  std::erase(parts, "");
  return parts;
}

std::vector<std::string> workspace_parts(const Report& report) {
  const std::string name = workspace_text(report, {"workspace", "name"});
  const std::string access = workspace_text(report, {"workspace", "access"});
  std::string workspace = name.empty() ? "no workspace known" : "workspace " + name;
  if (!name.empty() && access == "private") workspace += " (private endpoints)";
  if (!name.empty() && access == "public") workspace += " (public access)";
  std::vector<std::string> parts{workspace};
  if (const std::string sources = found_by(report); !sources.empty())
    parts.push_back("facts from " + sources);
  parts.push_back(report.node.resolvers.empty() ? "no nameserver"
                                                : "DNS " + joined(report.node.resolvers, ", "));
  if (const std::string identity = identity_words(report); !identity.empty()) parts.push_back(identity);
  if (const std::string left_out = left_out_words(report); !left_out.empty()) parts.push_back(left_out);
  return parts;
}

std::vector<std::string> verdict_parts(const Report& report) {
  const Report::Summary& summary = report.summary;
  std::vector<std::string> parts;
  const std::string required = level_words(report, Level::required, summary.required);
  parts.push_back(required.empty() ? "nothing required could be tested" : required);
  parts.push_back(level_words(report, Level::recommended, summary.recommended));
  parts.push_back(level_words(report, Level::optional, summary.optional));
  if (const std::size_t warnings = count_of(report, Severity::warning))
    parts.push_back(counted(warnings, "warning"));
  if (const std::size_t rows = not_testable(report, {}))
    parts.push_back(fmt::format("{} not testable from here", rows));
  if (!report.run.complete) {
    const std::string& why = report.run.incomplete_because;
    parts.push_back("stopped early" + (why.empty() ? "" : ": " + why));
  }
  parts.push_back(fmt::format("{:.1f} s", report.run.duration_ms / 1000));
  return parts;
}

std::vector<std::string> live_lines(const Report& report, bool all) {
  if (!report.live_requirements) return {};
  const LiveRequirements& live = *report.live_requirements;
  if (!live.not_compared.empty()) return {"not compared with the workspace's own list: " + live.not_compared};
  std::vector<std::string> lines;
  const auto name = [&](const LiveDifference& one) {
    lines.push_back(
        fmt::format("{}:{} ({})", one.host, fmt::join(one.ports, ","), fmt::join(one.named_by, ", ")));
  };
  lines.push_back(
      live.only_listed.empty()
          ? fmt::format("the workspace lists {}, and the plan has them all",
                        counted(static_cast<std::size_t>(live.listed), "host"))
          : fmt::format("the workspace lists {}; not in the plan, and not probed (--catalog FILE adds them):",
                        counted(static_cast<std::size_t>(live.listed), "host")));
  std::ranges::for_each(live.only_listed, name);
  if (live.only_planned.empty()) return lines;
  lines.push_back(fmt::format("{} that the documentation gives for this workspace {} not in its list{}",
                              counted(live.only_planned.size(), "host"),
                              live.only_planned.size() == 1 ? "is" : "are", all ? ":" : ""));
  if (all) std::ranges::for_each(live.only_planned, name);
  return lines;
}

}  // namespace amlnet
