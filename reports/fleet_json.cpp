// amlnet.fleet/1. Nodes are named by their places, n1 and so on: host names may be there twice. Each node
// has only those facts that are not the same everywhere; the others stand once, in "common".
#include <fmt/format.h>

#include <array>

#include "reports/fleet.h"
#include "reports/model/codec.h"
#include "reports/model/document.h"

namespace amlnet {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

std::string node_id(std::size_t place) {
  return fmt::format("n{}", place + 1);
}

Json separators_json(const std::vector<Separator>& separators) {
  Json list = Json::array();
  for (const Separator& one : separators) {
    list.push_back({{"fact", one.fact},
                    {"value", one.value.empty() ? Json() : Json(one.value)},
                    {"negated", one.negated},
                    {"exact", one.exact},
                    {"chance", one.chance},
                    {"hit", {{"with", one.hit_with}, {"all", one.hit}}},
                    {"spared", {{"with", one.spared_with}, {"all", one.spared}}},
                    {"text", separator_text(one)}});
  }
  return list;
}

Json group_json(const FleetGroup& group) {
  Json nodes = Json::array();
  for (const std::uint32_t place : group.nodes) nodes.push_back(node_id(place));
  return {{"severity", name_of(group.severity)},
          {"title", group.title},
          {"separators", separators_json(group.separators)},
          {"nodes", std::move(nodes)}};
}

Json cause_json(const FleetGroup& cause) {
  Json out = {{"cause", cause.cause}};
  out.update(group_json(cause));
  Json subjects = Json::array();
  const auto add = [&](const FleetGroup& group) {
    Json one = {{"subject", group.subject}};
    one.update(group_json(group));
    subjects.push_back(std::move(one));
  };
  if (cause.subjects.empty()) add(cause);
  for (const FleetGroup& subject : cause.subjects) add(subject);
  out["subjects"] = std::move(subjects);
  return out;
}

/// Name to values, of those facts that `wanted` takes.
template <class Wanted>
Json facts_json(const Fleet& fleet, const FleetNode& node, const Wanted& wanted) {
  Json out = Json::object();
  for (const FactPlace place : node.facts) {
    if (wanted(place)) out[fleet.facts[place].name].push_back(fleet.facts[place].value);
  }
  return out;
}

Json node_json(const Fleet& fleet, std::size_t place, const std::vector<bool>& varying) {
  const FleetNode& node = fleet.nodes[place];
  Json findings = Json::array();
  for (const std::uint32_t finding : node.findings)
    findings.push_back(
        {{"cause", fleet.findings[finding].cause}, {"subject", fleet.findings[finding].subject}});
  return {{"id", node_id(place)},
          {"hostname", node.name},
          {"run", node.run_id},
          {"started", node.started},
          {"complete", node.complete},
          {"verdict", name_of(node.verdict)},
          {"findings", std::move(findings)},
          {"facts", facts_json(fleet, node, [&](FactPlace fact) { return varying[fact]; })}};
}

Json summary_json(const Fleet& fleet) {
  Json verdicts = Json::object();
  for (const Verdict verdict : Values<Verdict>::all)
    verdicts[std::string(name_of(verdict))] = fleet.verdicts[static_cast<std::size_t>(verdict)];
  return {{"reports", fleet.reports},   {"nodes", fleet.nodes.size()},  {"verdicts", std::move(verdicts)},
          {"repeated", fleet.repeated}, {"unread", fleet.unread_count}, {"left_out", fleet.left_out}};
}

}  // namespace

void write_fleet(const Fleet& fleet, const TextSink& sink) {
  std::string out = "{\n  \"schema\": \"amlnet.fleet/1\"";
  const auto begin = [&](std::string_view name) { out += fmt::format(",\n  \"{}\": ", name); };
  const auto section = [&](std::string_view name, const Json& value) {
    begin(name);
    print(out, compact(value), 2);
  };
  const auto array = [&](std::string_view name, std::size_t size, const auto& element) {
    begin(name);
    out += '[';
    for (std::size_t place = 0; place < size; ++place) {
      out += place == 0 ? "\n    " : ",\n    ";
      out += compact(element(place));
      if (out.size() > kPiece) sink(std::exchange(out, {}));
    }
    out += size == 0 ? "]" : "\n  ]";
  };
  const std::vector<bool> varying = varying_facts(fleet);
  section("tool", {{"name", "amlnet"}, {"version", AMLNET_VERSION}});
  section("summary", summary_json(fleet));
  array("unread", fleet.unread.size(), [&](std::size_t place) -> Json {
    return {{"file", fleet.unread[place].file}, {"problem", fleet.unread[place].problem}};
  });
  section("separators", separators_json(fleet.separators));
  array("causes", fleet.causes.size(), [&](std::size_t place) { return cause_json(fleet.causes[place]); });
  section("common", fleet.nodes.empty() ? Json::object()
                                        : facts_json(fleet, fleet.nodes.front(),
                                                     [&](FactPlace fact) { return !varying[fact]; }));
  array("nodes", fleet.nodes.size(), [&](std::size_t place) { return node_json(fleet, place, varying); });
  out += "\n}\n";
  sink(out);
}

}  // namespace amlnet
