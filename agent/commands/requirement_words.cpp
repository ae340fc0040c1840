#include "agent/commands/requirement_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/catalog/catalog.h"
#include "agent/catalog/words.h"

namespace amlnet {
namespace {

using Json = nlohmann::ordered_json;

template <class Enum>
std::vector<std::string_view> names_of(const std::vector<Enum>& values) {
  std::vector<std::string_view> names;
  names.reserve(values.size());
  for (Enum value : values) names.push_back(name_of(value));
  return names;
}

std::string list_of(const std::vector<std::string>& words) {
  return listed(std::vector<std::string_view>(words.begin(), words.end()));
}

/// "true or not known", of the values that a fact may have.
std::string values_words(std::vector<std::string> values) {
  std::replace(values.begin(), values.end(), std::string("unknown"), std::string("not known"));
  return list_of(values);
}

Json condition_json(const Condition& condition) {
  Json json = Json::object();
  if (!condition.clouds.empty()) json["clouds"] = names_of(condition.clouds);
  if (!condition.compute.empty()) json["compute"] = names_of(condition.compute);
  if (!condition.any_feature.empty()) json["any_feature"] = condition.any_feature;
  if (!condition.no_feature.empty()) json["no_feature"] = condition.no_feature;
  for (const auto& [fact, values] : condition.facts) json["facts"][fact] = values;
  return json;
}

Json endpoint_json(const EndpointPattern& endpoint) {
  Json json;
  for (const auto& [cloud, hosts] : endpoint.hosts) {
    if (!hosts.empty()) json["hosts"][std::string(name_of(cloud))] = hosts;
  }
  if (!endpoint.documented_as.empty()) json["documented_as"] = endpoint.documented_as;
  json["ports"] = endpoint.ports;
  json["protocol"] = name_of(endpoint.protocol);
  if (!endpoint.access.empty()) json["access"] = endpoint.access;
  if (!endpoint.answerer.empty()) json["answerer"] = endpoint.answerer;
  if (!endpoint.group.empty()) json["group"] = endpoint.group;
  if (const Json when = condition_json(endpoint.when); !when.empty()) json["when"] = when;
  return json;
}

Json docs_json(const std::vector<DocReference>& docs) {
  Json json = Json::array();
  for (const DocReference& doc : docs)
    json.push_back(
        {{"document", doc.document}, {"section", doc.section}, {"date", doc.date}, {"url", doc.url}});
  return json;
}

void add_text(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

}  // namespace

std::string_view name_of_level(Level level) {
  return level == Level::required ? "required" : level == Level::recommended ? "recommended" : "optional";
}

std::string condition_words(const Condition& condition) {
  std::vector<std::string> parts;
  if (!condition.clouds.empty()) parts.push_back("cloud is " + listed(names_of(condition.clouds)));
  if (!condition.compute.empty()) parts.push_back("compute.kind is " + listed(names_of(condition.compute)));
  if (!condition.any_feature.empty())
    parts.push_back(fmt::format("the feature {} is on", list_of(condition.any_feature)));
  if (!condition.no_feature.empty())
    parts.push_back(fmt::format("the feature {} is off", list_of(condition.no_feature)));
  for (const auto& [fact, values] : condition.facts)
    parts.push_back(fmt::format("{} is {}", fact, values_words(values)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::vector<std::string> host_words(const Requirement& requirement, Cloud cloud) {
  std::vector<std::string> words;
  for (const EndpointPattern& endpoint : requirement.endpoints) {
    const auto hosts = endpoint.hosts.find(cloud);
    if (hosts == endpoint.hosts.end()) continue;
    for (const std::string& host : hosts->second) {
      const std::string stands_for =
          endpoint.documented_as.empty() ? "" : fmt::format(" ({})", endpoint.documented_as);
      const std::string udp = endpoint.protocol == Protocol::udp ? "/udp" : "";
      const std::string word =
          fmt::format("{}:{}{}{}", host, fmt::join(endpoint.ports, ","), udp, stands_for);
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  }
  return words;
}

std::string period_words(const Requirement& requirement) {
  std::vector<std::string> parts;
  if (!requirement.since.empty()) parts.push_back("since " + requirement.since);
  if (!requirement.until.empty()) parts.push_back("until " + requirement.until);
  if (!requirement.replaced_by.empty()) parts.push_back("replaced by " + requirement.replaced_by);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string source_words(const Requirement& requirement) {
  std::vector<std::string> parts;
  if (requirement.source != builtin_source)
    parts.push_back(fmt::format("from {}", printable(requirement.source, 200)));
  if (!requirement.level_source.empty())
    parts.push_back(fmt::format("level set by {}", printable(requirement.level_source, 200)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*' || c == '\\' || c == '`' || c == '[') cell += '\\';
    cell += c;
  }
  return cell;
}

Json requirement_json(const Requirement& requirement) {
  Json json = {{"id", requirement.id},
               {"title", requirement.title},
               {"level", name_of_level(requirement.level)},
               {"direction", requirement.direction}};
  if (const Json when = condition_json(requirement.when); !when.empty()) json["when"] = when;
  for (const auto& [condition, level] : requirement.level_when)
    json["level_when"].push_back({{"when", condition_json(condition)}, {"level", name_of_level(level)}});
  for (const EndpointPattern& endpoint : requirement.endpoints)
    json["endpoints"].push_back(endpoint_json(endpoint));
  json["testable"] = requirement.testable;
  if (requirement.platform) json["platform"] = true;
  add_text(json, "service_tag", requirement.service_tag);
  json["breaks"] = requirement.breaks;
  json["fix"] = requirement.fix;
  add_text(json, "verify", requirement.verify);
  add_text(json, "since", requirement.since);
  add_text(json, "until", requirement.until);
  add_text(json, "replaced_by", requirement.replaced_by);
  json["docs"] = docs_json(requirement.docs);
  json["source"] = requirement.source;
  add_text(json, "level_source", requirement.level_source);
  return json;
}

}  // namespace amlnet
