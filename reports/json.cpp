// The document is put together here, a section at a time, and never stands in memory as one tree: a run may
// have ten thousand probes. Small sections are indented; probes, certificates and endpoints take a line each.
#include "reports/json.h"

#include <algorithm>

#include "reports/model/document.h"
#include "reports/model/probe_json.h"
#include "reports/model/report_json.h"
#include "reports/stages.h"
#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::string_view kReportSchema = "amlnet.report/1";
constexpr std::string_view kPlanSchema = "amlnet.plan/1";

void open_document(std::string& out, std::string_view schema) {
  out += "{\n  \"schema\": \"";
  out += schema;
  out += '"';
}

void add_name(std::string& out, std::string_view name) {
  out += ",\n  \"";
  out += name;
  out += "\": ";
}

void add_section(std::string& out, std::string_view name, const Json& json) {
  add_name(out, name);
  print(out, json, 2);
}

/// An array with a printed element for each of `items`.
template <class Items, class Encode>
void add_array(std::string& out, std::string_view name, const Items& items, Encode&& encoded) {
  add_name(out, name);
  out += '[';
  const char* separator = "\n    ";
  for (const auto& item : items) {
    out += separator;
    encoded(out, item);
    separator = ",\n    ";
  }
  out += items.empty() ? "]" : "\n  ]";
}

void add_certificates(std::string& out, const Certificates& certificates) {
  add_name(out, "certificates");
  out += '{';
  const char* separator = "\n    ";
  for (const auto& [sha256, certificate] : certificates) {
    out += separator + compact(Json(sha256)) + ": " + compact(encode(certificate));
    separator = ",\n    ";
  }
  out += certificates.empty() ? "}" : "\n  }";
}

Json plan_requirement(const RequirementReport& requirement) {
  Json json = encode(requirement);
  const std::string_view status = requirement.status == Status::skipped ? "skipped" : "planned";
  json["status"] = status;
  for (Json& endpoint : json["endpoints"]) {
    endpoint.erase("finding");
    endpoint.erase("probes");
    endpoint["status"] = status;
    Json stages = Json::array();
    const auto& protocol = endpoint["protocol"].get_ref<const std::string&>();
    const auto& host = endpoint["host"].get_ref<const std::string&>();
    for (const ProbeKind stage : stages_of(protocol, host)) stages.push_back(name_of(stage));
    endpoint["stages"] = std::move(stages);
  }
  return json;
}

void read_members(Decoder& codec, Report& report) {
  std::string schema;
  codec.must("schema", schema);
  if (!codec.place().failed() && schema != kReportSchema) {
    codec.place().wrong("schema: expected \"amlnet.report/1\", got \"" +
                        shortened(escaped(schema), 40, "...") + '"');
  }
  codec.must("tool", report.tool);
  codec.must("run", report.run);
  codec.must("node", report.node);
  if (const Json* workspace = codec.find("workspace", true)) {
    if (!workspace->is_object()) codec.place().wrong("workspace: expected an object");
    report.workspace = *workspace;
  }
  codec.must("summary", report.summary);
  codec.must("findings", report.findings);
  codec.must("requirements", report.requirements);
  codec.must("certificates", report.certificates);
  codec.must("probes", report.probes);
  codec.finish();
}

}  // namespace

std::string report_json(const Report& report) {
  std::string out;
  open_document(out, kReportSchema);
  add_section(out, "tool", encode(report.tool));
  add_section(out, "run", encode(report.run));
  add_section(out, "node", encode(report.node));
  add_section(out, "workspace", encode_workspace(report.workspace));
  add_section(out, "summary", encode(report.summary));
  const auto printed = [](std::string& to, const auto& item) { print(to, encode(item), 4); };
  add_array(out, "findings", report.findings, printed);
  add_array(out, "requirements", report.requirements, printed);
  add_certificates(out, report.certificates);
  add_array(out, "probes", report.probes,
            [](std::string& to, const ProbeRecord& probe) { to += compact(encode(probe)); });
  return out + "\n}\n";
}

std::string plan_json(const Report& report) {
  std::string out;
  open_document(out, kPlanSchema);
  add_section(out, "tool", encode(report.tool));
  add_section(out, "workspace", encode_workspace(report.workspace));
  add_array(out, "requirements", report.requirements,
            [](std::string& to, const RequirementReport& item) { print(to, plan_requirement(item), 4); });
  return out + "\n}\n";
}

std::variant<Report, ReportError> read_report(std::string_view json) {
  std::variant<Json, DocumentError> document = parse_document(json);
  if (const DocumentError* error = std::get_if<DocumentError>(&document)) return ReportError{error->text};
  std::string error;
  Report report;
  const Place place{std::get<Json>(document), error};
  Decoder decoder(place);
  read_members(decoder, report);
  if (!error.empty()) return ReportError{error};
  return report;
}

}  // namespace amlnet
