#include "agent/catalog/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/catalog/json_cursor.h"

namespace amlnet {
namespace {

constexpr std::string_view document_names[] = {"synapse-integration", "on-premises-resources",
                                               "authentication", "virtual-network-2020",
                                               "inbound-outbound-traffic"};

bool read_cloud(const JsonCursor& at, Cloud& out) {
  return read_word(at, cloud_words(), out);
}

bool read_row(const JsonCursor& at, CoverageRow& out) {
  Fields fields(at);
  const bool host = take(fields, "host", out.text, read_text);
  const bool tag = take(fields, "tag", out.text, read_text);
  const bool rule = take(fields, "rule", out.text, read_text);
  out.kind = host ? CoverageRow::Kind::host : tag ? CoverageRow::Kind::tag : CoverageRow::Kind::rule;
  if (const auto where = fields.need("at")) read_text(*where, out.at);
  take(fields, "printed", out.printed, read_text);
  take(fields, "edition", out.edition, read_text);
  take_list(fields, "clouds", out.clouds, read_cloud);
  take_list(fields, "ports", out.ports, read_port);
  take_list(fields, "covered_by", out.requirements, read_text);
  take(fields, "reason", out.reason, read_text);
  fields.done();
  if (host + tag + rule != 1) at.reject("expected one of \"host\", \"tag\" and \"rule\"");
  if (out.requirements.empty() == out.reason.empty())
    at.reject("expected either \"covered_by\" or \"reason\"");
  return true;
}

const Requirement* find(const Catalog& catalog, std::string_view id) {
  for (const Requirement& row : catalog.requirements) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

std::vector<Cloud> clouds_of(const CoverageRow& row) {
  return row.clouds.empty() ? std::vector{Cloud::public_, Cloud::usgov, Cloud::china} : row.clouds;
}

/// Whether the requirement has the host in this cloud, on this port (0 is any).
bool has_host(const Requirement& requirement, const std::string& host, Cloud cloud, std::uint16_t port) {
  for (const EndpointPattern& endpoint : requirement.endpoints) {
    const auto hosts = endpoint.hosts.find(cloud);
    if (hosts == endpoint.hosts.end() || hosts->second.empty()) continue;
    const bool named = endpoint.documented_as == host ||
                       std::find(hosts->second.begin(), hosts->second.end(), host) != hosts->second.end();
    const bool open = std::find(endpoint.ports.begin(), endpoint.ports.end(), port) != endpoint.ports.end();
    if (named && (port == 0 || open)) return true;
  }
  return false;
}

/// "Storage.<region>" -> "storage": documents differ in case, and in whether they add the region.
std::string tag_family(std::string tag) {
  tag.resize(std::min(tag.size(), tag.find(".<")));
  for (char& c : tag) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return tag;
}

/// Whether `text` names the port as a word: "Allow outbound TCP 80 and 443".
bool names_port(const std::string& text, std::uint16_t port) {
  const std::string digits = std::to_string(port);
  const auto is_digit = [&](std::size_t at) {
    return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
  };
  for (std::size_t at = text.find(digits); at != std::string::npos; at = text.find(digits, at + 1)) {
    if (!is_digit(at - 1) && !is_digit(at + digits.size())) return true;
  }
  return false;
}

using Requirements = std::vector<const Requirement*>;

std::vector<std::string> host_problems(const CoverageRow& row, const Requirements& covering) {
  std::vector<std::string> problems;
  const std::vector<Cloud> clouds = clouds_of(row);
  for (const Requirement* one : covering) {
    const bool somewhere = std::any_of(clouds.begin(), clouds.end(),
                                       [&](Cloud cloud) { return has_host(*one, row.text, cloud, 0); });
    if (!somewhere) problems.push_back(fmt::format("{} does not have the host", one->id));
  }
  std::vector<std::uint16_t> ports = row.ports;
  if (ports.empty()) ports.push_back(0);
  for (Cloud cloud : clouds) {
    for (std::uint16_t port : ports) {
      const bool covered = std::any_of(covering.begin(), covering.end(), [&](const Requirement* one) {
        return has_host(*one, row.text, cloud, port);
      });
      const std::string on = port == 0 ? "" : fmt::format(" on port {}", port);
      if (!covered) problems.push_back(fmt::format("no host in the cloud {}{}", name_of(cloud), on));
    }
  }
  return problems;
}

std::vector<std::string> rule_problems(const CoverageRow& row, const Requirements& covering) {
  std::vector<std::string> problems;
  for (const Requirement* one : covering) {
    if (row.kind == CoverageRow::Kind::tag && tag_family(one->service_tag) != tag_family(row.text))
      problems.push_back(fmt::format("{} has the tag \"{}\"", one->id, one->service_tag));
  }
  for (std::uint16_t port : row.ports) {
    const bool named = std::any_of(covering.begin(), covering.end(),
                                   [&](const Requirement* one) { return names_port(one->fix, port); });
    if (!named) problems.push_back(fmt::format("no fix names port {}", port));
  }
  return problems;
}

}  // namespace

std::span<const std::string_view> covered_document_names() {
  return document_names;
}

std::variant<CoveredDocument, ConfigError> read_coverage(std::string_view json, const std::string& name) {
  auto parsed = parse_json(json, name);
  if (auto* error = std::get_if<ConfigError>(&parsed)) return *error;
  ErrorLog log(name, std::get<JsonNode>(parsed));
  const JsonCursor at{&std::get<JsonNode>(parsed), &log};
  CoveredDocument document;
  Fields fields(at);
  if (const auto key = fields.need("name")) read_choice(*key, document_names, document.name);
  if (const auto title = fields.need("title")) read_text(*title, document.title);
  take_list(fields, "other_titles", document.other_titles, read_text);
  take(fields, "date", document.date, read_text);
  if (const auto url = fields.need("url")) read_text(*url, document.url);
  if (const auto rows = fields.need("rows")) read_list(*rows, document.rows, read_row);
  fields.done();
  if (log.first()) return *log.first();
  return document;
}

std::vector<std::string> coverage_problems(const CoveredDocument& document, const Catalog& catalog) {
  std::vector<std::string> problems;
  for (const CoverageRow& row : document.rows) {
    Requirements covering;
    std::vector<std::string> wrong;
    for (const std::string& id : row.requirements) {
      if (const Requirement* found = find(catalog, id)) {
        covering.push_back(found);
      } else {
        wrong.push_back(fmt::format("no requirement {}", id));
      }
    }
    const std::vector<std::string> more = !row.reason.empty() ? std::vector<std::string>{}
                                          : row.kind == CoverageRow::Kind::host
                                              ? host_problems(row, covering)
                                              : rule_problems(row, covering);
    wrong.insert(wrong.end(), more.begin(), more.end());
    for (const std::string& what : wrong)
      problems.push_back(fmt::format("{}: {}: {}: {}", document.name, row.at, row.text, what));
  }
  return problems;
}

}  // namespace amlnet
