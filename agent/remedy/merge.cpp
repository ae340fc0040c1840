#include "agent/remedy/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

// What an outbound rule's name may have in the API of Azure Machine Learning,
// ^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$, is the narrowest of all kinds.
constexpr std::size_t kLongestName = 33;

void add_all(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& one : more) {
    const auto at = std::ranges::lower_bound(list, one);
    if (at == list.end() || *at != one) list.insert(at, one);
  }
}

bool is_tag(const SecurityRule& rule) {
  return !is_address(rule.destinations.front());
}

/// Each takes `more` in and returns true where both are one rule.
bool absorb(ApplicationRule& rule, const ApplicationRule& more) {
  if (rule.scheme != more.scheme || rule.port != more.port) return false;
  return add_all(rule.hosts, more.hosts), true;
}

bool absorb(NetworkRule& rule, const NetworkRule& more) {
  if (rule.protocol != more.protocol || rule.port != more.port) return false;
  return add_all(rule.hosts, more.hosts), true;
}

bool absorb(SecurityRule& rule, const SecurityRule& more) {
  if (rule.protocol != more.protocol || rule.port != more.port) return false;
  if (is_tag(rule) || is_tag(more)) return rule.destinations == more.destinations;  // a rule holds one tag
  return add_all(rule.destinations, more.destinations), true;
}

bool absorb(OutboundHost& rule, const OutboundHost& more) {
  return rule.host == more.host;
}

bool absorb(OutboundTag& rule, const OutboundTag& more) {
  return rule.tag == more.tag && rule.protocol == more.protocol && rule.port == more.port;
}

bool absorb(OutboundEndpoint& rule, const OutboundEndpoint& more) {
  return rule.resource == more.resource && rule.sub_resource == more.sub_resource;
}

bool absorb(ZoneLink& rule, const ZoneLink& more) {
  return rule.zone == more.zone;
}

bool absorb(ZoneRecord& rule, const ZoneRecord& more) {
  return rule.zone == more.zone && rule.name == more.name && rule.address == more.address;
}

void add_source(Rule& rule, const RuleSource& source) {
  const bool known = std::ranges::any_of(rule.sources, [&](const RuleSource& one) {
    return one.finding == source.finding && one.requirement == source.requirement;
  });
  if (!known) rule.sources.push_back(source);
}

std::string words_of(const ApplicationRule& rule) {
  return fmt::format("{}-{}", rule.scheme, rule.port);
}
std::string words_of(const NetworkRule& rule) {
  return fmt::format("{}-{}", rule.protocol, rule.port);
}
std::string words_of(const SecurityRule& rule) {
  const std::string where = is_tag(rule) ? rule.destinations.front() : "private";
  return fmt::format("{}-{}-{}", rule.protocol, rule.port, where);
}
std::string words_of(const OutboundHost& rule) {
  return rule.host;
}
std::string words_of(const OutboundTag& rule) {
  return fmt::format("{}-{}-{}", rule.protocol, rule.port, rule.tag);
}
std::string words_of(const OutboundEndpoint& rule) {
  return fmt::format("{}-{}", rule.resource, rule.sub_resource);
}
std::string words_of(const ZoneLink& rule) {
  return fmt::format("link-{}", rule.zone);
}
std::string words_of(const ZoneRecord& rule) {
  return fmt::format("record-{}-{}", rule.name, rule.zone);
}

/// "amlnet-https-443": lower-case letters, digits and hyphens.
std::string slug(std::string_view words) {
  std::string name = "amlnet-";
  for (const char c : words) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    name += upper ? static_cast<char>(c - 'A' + 'a') : plain ? c : '-';
  }
  if (name.size() > kLongestName) name.resize(kLongestName);
  while (name.ends_with('-')) name.pop_back();
  return name;
}

}  // namespace

void add_rule(std::vector<Rule>& rules, const RuleKind& kind, const RuleSource& source) {
  for (Rule& rule : rules) {
    const bool same = std::visit(
        [&](auto& own) {
          const auto* more = std::get_if<std::decay_t<decltype(own)>>(&kind);
          return more && absorb(own, *more);
        },
        rule.kind);
    if (same) return add_source(rule, source);
  }
  rules.push_back({"", kind, {source}});
}

void name_rules(std::vector<Rule>& rules) {
  std::set<std::string> taken;
  for (Rule& rule : rules) {
    const std::string name = std::visit([](const auto& kind) { return slug(words_of(kind)); }, rule.kind);
    rule.name = name;
    for (int number = 2; !taken.insert(rule.name).second; ++number) {
      const std::string mark = fmt::format("-{}", number);
      rule.name = name.substr(0, kLongestName - mark.size()) + mark;
    }
  }
}

}  // namespace amlnet
