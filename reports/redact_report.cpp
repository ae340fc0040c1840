// The report is taken apart as JSON, so that a field added later is redacted unless this file says that its
// words are ours.
#include "reports/redact_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "reports/json.h"
#include "reports/model/base64.h"
#include "reports/model/document.h"
#include "reports/text.h"

namespace amlnet {
namespace {

/// Members whose texts are words of closed lists, ids or times.
constexpr std::array<std::string_view, 29> kOurs{
    "schema",  "kind",       "status",          "cause",   "severity",    "confidence",
    "level",   "direction",  "protocol",        "purpose", "probes",      "probe",
    "finding", "after",      "unknown_because", "type",    "transport",   "reached",
    "verdict", "started",    "finished",        "method",  "sha256",      "chain",
    "version", "not_before", "not_after",       "date",    "requirements"};
/// The same inside "workspace", whose other members are names.
constexpr std::array<std::string_view, 9> kFacts{"kind",     "access", "mode",     "firewall", "services",
                                                 "features", "cloud",  "protocol", "region"};
/// Members that hold host names, "host:port" or names of things in Azure.
constexpr std::array<std::string_view, 16> kNames{
    "host",     "target",     "owner",          "data",         "server_name", "names",
    "fqdn",     "name",       "search_domains", "searched",     "endpoints",   "subject",
    "hostname", "subject_cn", "resource_group", "batch_account"};

template <std::size_t Size>
bool is_one_of(std::string_view key, const std::array<std::string_view, Size>& keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_guid_like(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-';
}

bool is_ours(std::string_view key, std::string_view text, bool workspace) {
  if (workspace) return is_one_of(key, kFacts) || key == "regions";
  return is_one_of(key, kOurs) || (key == "id" && !is_guid_like(text));
}

/// Bytes from the network: as text, and again as what they are.
void redact_bytes(Redactor& redactor, Json& bytes) {
  const std::string* base64 = bytes["base64"].get_ptr<const std::string*>();
  const std::string data = base64_decoded(base64 ? *base64 : "").value_or("");
  const std::string clean = redactor.text(data);
  bytes["text"] = lossy_utf8(clean);
  bytes["base64"] = base64_encoded(clean);
}

void redact(Redactor& redactor, Json& value, std::string_view key, bool workspace) {
  if (std::string* text = value.get_ptr<std::string*>()) {
    if (!is_ours(key, *text, workspace)) *text = redactor.text(*text);
  } else if (value.is_array()) {
    for (Json& element : value) redact(redactor, element, key, workspace);
  } else if (value.is_object()) {
    const bool bytes = value.size() == 2 && value.contains("text") && value.contains("base64");
    if (bytes) return redact_bytes(redactor, value);
    const auto name = value.find("name");
    if (name != value.end() && name->is_string() && value.size() == 2 && value.contains("value") &&
        names_a_secret(name->get_ref<const std::string&>()))
      value["value"] = {{"text", kRemoved}, {"base64", base64_encoded(kRemoved)}};
    for (auto& [inner_key, inner] : value.items())
      redact(redactor, inner, inner_key, workspace || key == "workspace");
  }
}

/// "host:443" without its port; what is no name is left to learn_name().
std::string_view without_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  return colon == std::string_view::npos || text.find(':') != colon ? text : text.substr(0, colon);
}

void learn(Redactor& redactor, const Json& value, std::string_view key, bool workspace) {
  if (const std::string* text = value.get_ptr<const std::string*>()) {
    const std::string_view name = without_port(*text);
    const bool dotted = name.find('.') != std::string_view::npos;
    if (!is_one_of(key, kNames)) return;
    // a bare word is a name in the workspace and as a search domain; elsewhere it may be any word
    if (workspace || key == "hostname" || key == "search_domains" || key == "searched" || dotted)
      redactor.learn_name(name);
  } else if (value.is_array()) {
    for (const Json& element : value) learn(redactor, element, key, workspace);
  } else if (value.is_object()) {
    for (const auto& [inner_key, inner] : value.items())
      learn(redactor, inner, inner_key, workspace || key == "workspace");
  }
}

std::optional<Json> tree_of(const Report& report) {
  auto tree = parse_document(report_json(report));
  if (Json* json = std::get_if<Json>(&tree)) return std::move(*json);
  return std::nullopt;
}

}  // namespace

void learn_names(Redactor& redactor, const Report& report) {
  const std::optional<Json> tree = tree_of(report);
  if (!tree) return;
  for (const auto& [key, value] : tree->items()) {
    if (key != "tool") learn(redactor, value, key, key == "workspace");
  }
  if (const auto workspace = tree->find("workspace"); workspace->contains("online_endpoints")) {
    for (const Json& name : (*workspace)["online_endpoints"])
      if (name.is_string()) redactor.learn_word(name.get<std::string>());
  }
}

std::optional<Report> redacted(Redactor& redactor, const Report& report) {
  std::optional<Json> tree = tree_of(report);
  if (!tree) return std::nullopt;
  for (auto& [key, value] : tree->items()) {
    if (key != "schema" && key != "tool" && key != "summary")
      redact(redactor, value, key, key == "workspace");
  }
  auto read = read_report(compact(*tree));
  if (Report* made = std::get_if<Report>(&read)) return std::move(*made);
  return std::nullopt;
}

}  // namespace amlnet
