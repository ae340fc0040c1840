#include "agent/catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "agent/catalog/answerer.h"
#include "agent/catalog/host_pattern.h"
#include "agent/catalog/json_cursor.h"
#include "agent/workspace/fact_values.h"

namespace amlnet {
namespace {

constexpr Word<Level> levels[] = {
    {"required", Level::required}, {"recommended", Level::recommended}, {"optional", Level::optional}};
constexpr Word<Protocol> protocols[] = {{"tls", Protocol::tls}, {"https", Protocol::https},
                                        {"wss", Protocol::wss}, {"http", Protocol::http},
                                        {"tcp", Protocol::tcp}, {"udp", Protocol::udp}};
constexpr Word<IfUnknown> unknowns[] = {{"not-known", IfUnknown::not_known},
                                        {"not-testable", IfUnknown::not_testable},
                                        {"leave-out", IfUnknown::leave_out}};
constexpr std::string_view directions[] = {"outbound", "inbound"};
constexpr std::string_view accesses[] = {"workspace", "storage", "key-vault", "registry", "gateway"};

using Documents = std::map<std::string, DocReference, std::less<>>;

template <class T>
auto word_of(std::span<const Word<T>> words) {
  return [words](const JsonCursor& at, T& out) { return read_word(at, words, out); };
}
auto choice_of(std::span<const std::string_view> words) {
  return [words](const JsonCursor& at, std::string& out) { return read_choice(at, words, out); };
}

template <class T, class Read>
void need(Fields& fields, std::string_view key, T& out, Read read) {
  if (const auto at = fields.need(key)) read(*at, out);
}

bool read_id(const JsonCursor& at, std::string& out) {
  const std::string& id = at.node->text;
  const bool right = at.node->kind == JsonNode::Kind::text && !id.empty() && id.size() <= 100 &&
                     std::all_of(id.begin(), id.end(), [](char c) {
                       return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
                     });
  if (right) out = id;
  if (!right) at.expected("an id of letters, digits, dots and hyphens");
  return right;
}

bool read_day(const JsonCursor& at, std::string& out) {
  const std::string& day = at.node->text;
  bool right = at.node->kind == JsonNode::Kind::text && day.size() == 10;
  for (std::size_t i = 0; right && i < day.size(); ++i) {
    right = i == 4 || i == 7 ? day[i] == '-' : std::isdigit(static_cast<unsigned char>(day[i])) != 0;
  }
  if (right) out = day;
  if (!right) at.expected("a day such as 2026-03-19");
  return right;
}

bool read_pattern(const JsonCursor& at, std::string& out) {
  if (!read_text(at, out)) return false;
  const std::optional<std::string> problem = problem_of_pattern(out);
  if (problem) at.reject(*problem);
  return !problem;
}

/// A list of patterns for all clouds, or an object with a list a cloud.
void read_hosts(const JsonCursor& at, std::map<Cloud, std::vector<std::string>>& out) {
  if (at.node->kind == JsonNode::Kind::list) {
    std::vector<std::string> hosts;
    read_list(at, hosts, read_pattern);
    for (const Word<Cloud>& cloud : cloud_words()) out[cloud.value] = hosts;
    return;
  }
  Fields fields(at);
  for (const Word<Cloud>& cloud : cloud_words())
    take_list(fields, cloud.text, out[cloud.value], read_pattern);
  fields.done();
}

void read_facts(const JsonCursor& at, bool of_endpoint, Condition& out) {
  Fields fields(at);
  for (const FactKind& kind : fact_kinds()) {
    if (kind.path == account_access_fact && !of_endpoint) continue;
    const auto fact = fields.get(kind.path);
    if (!fact) continue;
    std::vector<std::string_view> values(kind.values.begin(), kind.values.end());
    values.push_back("unknown");
    read_list(*fact, out.facts[std::string(kind.path)], choice_of(values));
  }
  fields.done();
}

void read_condition(const JsonCursor& at, bool of_endpoint, Condition& out) {
  Fields fields(at);
  take_list(fields, "clouds", out.clouds, word_of(cloud_words()));
  take_list(fields, "compute", out.compute, word_of(compute_words()));
  take_list(fields, "any_feature", out.any_feature, choice_of(feature_words()));
  take_list(fields, "no_feature", out.no_feature, choice_of(feature_words()));
  if (const auto facts = fields.get("facts")) read_facts(*facts, of_endpoint, out);
  fields.done();
}

bool read_answerer(const JsonCursor& at, std::string& out) {
  std::vector<std::string_view> ids;
  for (const Answerer& answerer : all_answerers()) ids.push_back(answerer.id);
  return read_choice(at, ids, out);
}

bool read_endpoint(const JsonCursor& at, EndpointPattern& out) {
  Fields fields(at);
  if (const auto hosts = fields.need("hosts")) read_hosts(*hosts, out.hosts);
  take(fields, "documented_as", out.documented_as, read_text);
  if (const auto ports = fields.need("ports")) read_list(*ports, out.ports, read_port);
  need(fields, "protocol", out.protocol, word_of(std::span<const Word<Protocol>>(protocols)));
  take(fields, "access", out.access, choice_of(accesses));
  take(fields, "answerer", out.answerer, read_answerer);
  take(fields, "group", out.group, read_id);
  if (const auto when = fields.get("when")) read_condition(*when, true, out.when);
  take(fields, "if_unknown", out.if_unknown, word_of(std::span<const Word<IfUnknown>>(unknowns)));
  fields.done();
  const bool asks = out.protocol == Protocol::https || out.protocol == Protocol::wss;
  if (asks && out.answerer.empty())
    at.reject(std::string(name_of(out.protocol)) + " needs an \"answerer\"; without one write tls");
  return true;
}

bool read_level_change(const JsonCursor& at, std::pair<Condition, Level>& out) {
  Fields fields(at);
  if (const auto when = fields.need("when")) read_condition(*when, false, out.first);
  need(fields, "level", out.second, word_of(std::span<const Word<Level>>(levels)));
  fields.done();
  return true;
}

bool read_reference(const JsonCursor& at, const Documents& documents, DocReference& out) {
  Fields fields(at);
  std::string key, section;
  std::vector<std::string_view> keys;
  for (const auto& [known, document] : documents) keys.push_back(known);
  need(fields, "document", key, choice_of(keys));
  take(fields, "section", section, read_text);
  fields.done();
  const auto found = documents.find(key);
  if (found == documents.end()) return false;
  out = found->second;
  out.section = section;
  return true;
}

void check_whole(const JsonCursor& at, const Requirement& row) {
  if (row.testable && row.endpoints.empty()) at.reject("a testable requirement needs \"endpoints\"");
  if (!row.testable && row.verify.empty()) at.reject("a requirement that is not testable needs \"verify\"");
  if (!row.testable && !row.endpoints.empty())
    at.reject("a requirement that is not testable has no \"endpoints\"");
}

bool read_requirement(const JsonCursor& at, const Documents& documents, Requirement& out) {
  Fields fields(at);
  need(fields, "id", out.id, read_id);
  need(fields, "title", out.title, read_text);
  need(fields, "level", out.level, word_of(std::span<const Word<Level>>(levels)));
  take(fields, "direction", out.direction, choice_of(directions));
  if (const auto when = fields.get("when")) read_condition(*when, false, out.when);
  take_list(fields, "level_when", out.level_when, read_level_change);
  take_list(fields, "endpoints", out.endpoints, read_endpoint);
  take(fields, "testable", out.testable, read_flag);
  take(fields, "platform", out.platform, read_flag);
  take(fields, "service_tag", out.service_tag, read_text);
  need(fields, "breaks", out.breaks, read_text);
  need(fields, "fix", out.fix, read_text);
  take(fields, "verify", out.verify, read_text);
  take(fields, "since", out.since, read_day);
  take(fields, "until", out.until, read_day);
  take(fields, "replaced_by", out.replaced_by, read_id);
  take_list(fields, "docs", out.docs,
            [&](const JsonCursor& item, DocReference& doc) { return read_reference(item, documents, doc); });
  fields.done();
  check_whole(at, out);
  return true;
}

Documents read_documents(const JsonCursor& at) {
  Documents documents;
  if (at.node->kind != JsonNode::Kind::object) at.expected("an object");
  for (const auto& [key, node] : at.node->members) {
    Fields fields(JsonCursor{&node, at.log});
    DocReference document;
    need(fields, "title", document.document, read_text);
    take(fields, "date", document.date, read_day);
    need(fields, "url", document.url, read_text);
    fields.done();
    documents[key] = document;
  }
  return documents;
}

void read_levels(const JsonCursor& at, std::vector<LevelOverride>& out) {
  if (at.node->kind != JsonNode::Kind::object) at.expected("an object");
  for (const auto& [id, node] : at.node->members) {
    LevelOverride one{id, Level::required, node.line};
    const JsonCursor value{&node, at.log};
    if (read_word(value, std::span<const Word<Level>>(levels), one.level)) out.push_back(std::move(one));
  }
}

Catalog read_all(const JsonCursor& at, const std::string& name) {
  Catalog catalog;
  catalog.name = name;
  Fields fields(at);
  take(fields, "version", catalog.version, read_text);
  Documents documents;
  if (const auto part = fields.get("documents")) documents = read_documents(*part);
  for (const auto& [key, document] : documents) catalog.date = std::max(catalog.date, document.date);
  const auto overrides = fields.get("levels");
  if (overrides) read_levels(*overrides, catalog.levels);
  const auto rows = overrides ? fields.get("requirements") : fields.need("requirements");
  std::set<std::string> ids;
  for (const JsonCursor& item : rows ? read_items(*rows) : std::vector<JsonCursor>{}) {
    Requirement row;
    read_requirement(item, documents, row);
    row.source = name;
    if (!ids.insert(row.id).second)
      item.reject(fmt::format("the id \"{}\" is taken by an earlier requirement", row.id));
    catalog.requirements.push_back(std::move(row));
  }
  fields.done();
  return catalog;
}

ConfigError unknown_id(const LevelOverride& change, const Catalog& catalog, const std::string& name) {
  std::vector<std::string_view> ids;
  ids.reserve(catalog.requirements.size());
  for (const Requirement& row : catalog.requirements) ids.push_back(row.id);
  const std::string near = nearest(change.id, ids);
  const std::string hint =
      near.empty() ? "amlnet requirements lists them" : fmt::format("did you mean \"{}\"?", near);
  return {fmt::format("{}: levels.{}: no requirement has this id; {}", name, printable(change.id), hint),
          change.line};
}

}  // namespace

std::variant<Catalog, ConfigError> read_catalog(std::string_view json, const std::string& name) {
  auto parsed = parse_json(json, name);
  if (auto* error = std::get_if<ConfigError>(&parsed)) return *error;
  ErrorLog log(name, std::get<JsonNode>(parsed));
  Catalog catalog = read_all({&std::get<JsonNode>(parsed), &log}, name);
  if (log.first()) return *log.first();
  return catalog;
}

std::variant<Catalog, ConfigError> merge_catalogs(Catalog base, const Catalog& more) {
  std::vector<Requirement>& rows = base.requirements;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(rows[i].id, i);
  for (const Requirement& row : more.requirements) {
    const auto [place, fresh] = places.try_emplace(row.id, rows.size());
    if (fresh) {
      rows.push_back(row);
    } else {
      rows[place->second] = row;
    }
  }
  for (const LevelOverride& change : more.levels) {
    const auto place = places.find(change.id);
    if (place == places.end()) return unknown_id(change, base, more.name);
    Requirement& row = rows[place->second];
    row.level = change.level;
    row.level_when.clear();
    row.level_source = more.name;
  }
  base.date = std::max(base.date, more.date);
  return base;
}

}  // namespace amlnet
