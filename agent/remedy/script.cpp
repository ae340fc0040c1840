#include "agent/remedy/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::size_t kLongestComment = 500;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Only what a string of ASCII may hold: the languages agree on nothing else.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x80 && !is_control(c) ? c : '_';
  return out;
}

std::string sentence(const ApplicationRule& rule) {
  return fmt::format("Allow {} on TCP port {} to {}: an application rule of the firewall",
                     rule.scheme == "Http" ? "HTTP" : "HTTPS", rule.port, fmt::join(rule.hosts, ", "));
}
std::string sentence(const NetworkRule& rule) {
  return fmt::format("Allow {} port {} to {}: a network rule of the firewall", rule.protocol, rule.port,
                     fmt::join(rule.hosts, ", "));
}
std::string sentence(const SecurityRule& rule) {
  return fmt::format("Allow outbound {} port {} to {}: a rule of the subnet's network security group",
                     rule.protocol, rule.port, fmt::join(rule.destinations, ", "));
}
std::string sentence(const OutboundHost& rule) {
  return fmt::format("Allow TCP ports 80 and 443 to {}: an FQDN rule of the workspace's managed network",
                     rule.host);
}
std::string sentence(const OutboundTag& rule) {
  return fmt::format(
      "Allow {} port {} to the service tag {}: a service tag rule of the workspace's managed network",
      rule.protocol, rule.port, rule.tag);
}
std::string sentence(const OutboundEndpoint& rule) {
  return fmt::format(
      "Add a private endpoint for {} of {}: a private endpoint rule of the workspace's managed network",
      rule.sub_resource, rule.resource);
}
std::string sentence(const ZoneLink& rule) {
  return fmt::format("Link the private DNS zone {} to the VNet whose DNS this node asks", rule.zone);
}
std::string sentence(const ZoneRecord& rule) {
  return fmt::format("Add the record {} to the private DNS zone {}, with {}", rule.name, rule.zone,
                     rule.address.empty() ? "the address of its private endpoint" : rule.address);
}

}  // namespace

std::vector<std::string> document_lines(const Rule& rule) {
  std::vector<std::string> lines;
  std::set<std::string> known;
  for (const RuleSource& source : rule.sources) {
    for (const DocReference& doc : source.docs) {
      if (doc.url.empty() || !known.insert(doc.url).second) continue;
      const std::string date = doc.date.empty() ? "" : fmt::format(" ({})", doc.date);
      lines.push_back(fmt::format("{}{}: {}", doc.document, date, doc.url));
    }
  }
  return lines;
}

std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : plain(text)) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + '\'';
}

std::string bicep_string(std::string_view text) {
  const std::string safe = plain(text);
  std::string out = "'";
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const bool interpolates = safe[i] == '$' && i + 1 < safe.size() && safe[i + 1] == '{';
    if (safe[i] == '\'' || safe[i] == '\\' || interpolates) out += '\\';
    out += safe[i];
  }
  return out + '\'';
}

std::string hcl_string(std::string_view text) {
  const std::string safe = plain(text);
  std::string out = "\"";
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const bool begins = (safe[i] == '$' || safe[i] == '%') && i + 1 < safe.size() && safe[i + 1] == '{';
    if (safe[i] == '"' || safe[i] == '\\') out += '\\';
    if (begins)
      out += safe[i] == '$' ? "\\u0024" : "\\u0025";  // "$${" would do, but not after another dollar
    else
      out += safe[i];
  }
  return out + '"';
}

std::string comment_text(std::string_view text) {
  std::string line = escaped(text, false);
  std::ranges::replace_if(line, is_control, '?');
  if (line.size() > kLongestComment) line = line.substr(0, kLongestComment) + "...";
  return line;
}

std::string comments(std::string_view mark, const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    std::string text = fmt::format("{}{}", mark, comment_text(line));
    while (text.ends_with(' ')) text.pop_back();
    out += text + '\n';
  }
  return out;
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    out += indent;
    out += text.substr(0, end);
    text.remove_prefix(end);
  }
  return out;
}

std::string sentence_of(const RuleKind& kind) {
  return std::visit([](const auto& rule) { return sentence(rule); }, kind);
}

std::vector<std::string> head_lines(const Remedies& found) {
  std::vector<std::string> lines{fmt::format("amlnet fix: what mends the failures of the run of {} on {}",
                                             found.started.empty() ? "an unknown time" : found.started,
                                             found.hostname.empty() ? "an unnamed node" : found.hostname)};
  if (found.rules.empty() && found.by_hand.empty())
    lines.emplace_back("Nothing failed in this report: there is nothing to change.");
  else if (found.rules.empty())
    lines.emplace_back("No rule mends what failed; what does stands below.");
  lines.insert(lines.end(), found.notes.begin(), found.notes.end());
  return lines;
}

std::vector<std::string> rule_lines(const Rule& rule) {
  std::vector<std::string> lines{sentence_of(rule.kind) + "."};
  for (const RuleSource& source : rule.sources) {
    lines.push_back(fmt::format("{} {} ({}): {} ({})", source.finding, source.cause,
                                name_of(source.confidence), source.requirement, name_of(source.level)));
  }
  for (std::string& line : document_lines(rule)) lines.push_back("  " + std::move(line));
  return lines;
}

std::vector<std::string> remaining_lines(const Remedies& found) {
  std::vector<std::string> lines;
  for (const Rule& rule : found.rules) {
    if (!is_foreign(found, rule)) continue;
    if (lines.empty()) lines.emplace_back("In your firewall, which is not Azure's:");
    for (std::string& line : rule_lines(rule)) lines.push_back("  " + std::move(line));
  }
  if (!found.by_hand.empty()) lines.emplace_back("By hand:");
  for (const ByHand& one : found.by_hand) {
    lines.push_back(fmt::format("  {} {}: {}", one.finding, one.cause, one.title));
    lines.push_back(fmt::format("    No rule, because {}.", one.reason));
    lines.push_back(fmt::format("    Breaks {}", fmt::join(one.requirements, ", ")));
    if (!one.fix.summary.empty()) lines.push_back("    " + one.fix.summary);
    for (const std::string& step : one.fix.steps) lines.push_back("    - " + step);
    for (const DocLink& doc : one.fix.docs) lines.push_back(fmt::format("    {}: {}", doc.title, doc.url));
  }
  return lines;
}

bool is_foreign(const Remedies& found, const Rule& rule) {
  return found.foreign_firewall && (std::holds_alternative<ApplicationRule>(rule.kind) ||
                                    std::holds_alternative<NetworkRule>(rule.kind));
}

std::string identifier(std::string_view name) {
  std::string out(name);
  std::ranges::replace_if(
      out,
      [](char c) { return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')); },
      '_');
  return out;
}

std::string upper_identifier(std::string_view name) {
  std::string out = identifier(name);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

}  // namespace amlnet
