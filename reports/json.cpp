// The document is put together here, a section at a time, and never stands in memory as one tree: a run may
// have ten thousand probes. Small sections are indented; probes, certificates and endpoints take a line each.
#include "reports/json.h"

#include <algorithm>

#include "reports/model/document.h"
#include "reports/model/probe_json.h"
#include "reports/model/report_json.h"
#include "reports/stages.h"

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

template <class T>
void add_section(std::string& out, std::string_view name, const T& value) {
  add_name(out, name);
  print(out, json_of(value), 2);
}

constexpr std::size_t kPiece = std::size_t{64} * 1024;

/// Hands `out` over once it is a piece worth it.
void pass_on(std::string& out, const TextSink& sink) {
  if (out.size() < kPiece) return;
  sink(out);
  out.clear();
}

/// An array with an element for each of `items`, which `write` puts there.
template <class Items, class Write>
void add_array(std::string& out, const TextSink& sink, std::string_view name, const Items& items,
               Write&& write) {
  add_name(out, name);
  out += '[';
  const char* separator = "\n    ";
  for (const auto& item : items) {
    out += separator;
    write(out, item);
    separator = ",\n    ";
    pass_on(out, sink);
  }
  out += items.empty() ? "]" : "\n  ]";
}

void add_certificates(std::string& out, const Certificates& certificates) {
  add_name(out, "certificates");
  out += '{';
  const char* separator = "\n    ";
  for (const auto& [sha256, certificate] : certificates) {
    out += separator + json_of(sha256) + ": ";
    write_json(out, certificate);
    separator = ",\n    ";
  }
  out += certificates.empty() ? "}" : "\n  }";
}

/// An endpoint of a plan: what would be probed, and no result.
void write_planned(std::string& out, const EndpointReport& endpoint, std::string_view status) {
  Encoder encoder(out);
  place_members(encoder, endpoint);
  encoder.must("status", std::string(status));
  encoder.may("unknown_because", endpoint.unknown_because);
  encoder.must("stages", stages_of(endpoint.protocol, endpoint.host));
  encoder.close();
}

void write_planned(std::string& out, const RequirementReport& requirement) {
  const std::string status = requirement.status == Status::skipped ? "skipped" : "planned";
  std::string endpoints = "[";
  for (const EndpointReport& endpoint : requirement.endpoints) {
    if (endpoints.size() > 1) endpoints += ',';
    write_planned(endpoints, endpoint, status);
  }
  Encoder encoder(out);
  head_members(encoder, requirement);
  encoder.must("status", status);
  reason_members(encoder, requirement);
  encoder.add("endpoints", endpoints + ']');
  encoder.must("docs", requirement.docs);
  encoder.close();
}

void read_members(Decoder& codec, Report& report) {
  decode_head(codec, report);
  codec.must("requirements", report.requirements);
  codec.may("live_requirements", report.live_requirements);
  codec.must("certificates", report.certificates);
  codec.must("probes", report.probes);
  codec.finish();
}

}  // namespace

void write_report(const Report& report, const TextSink& sink) {
  std::string out;
  open_document(out, kReportSchema);
  add_section(out, "tool", report.tool);
  add_section(out, "run", report.run);
  add_section(out, "node", report.node);
  add_section(out, "workspace", workspace_object(*report.workspace));
  add_section(out, "summary", report.summary);
  const auto printed = [](std::string& to, const auto& item) { print(to, json_of(item), 4); };
  add_array(out, sink, "findings", report.findings, printed);
  add_array(out, sink, "requirements", report.requirements, printed);
  if (report.live_requirements) add_section(out, "live_requirements", *report.live_requirements);
  add_certificates(out, report.certificates);
  add_array(out, sink, "probes", report.probes,
            [](std::string& to, const ProbeRecord& probe) { write_json(to, probe); });
  out += "\n}\n";
  sink(out);
}

std::string report_json(const Report& report) {
  std::string out;
  write_report(report, [&](std::string_view piece) { out += piece; });
  return out;
}

std::string plan_json(const Report& report) {
  std::string out, whole;
  const TextSink sink = [&](std::string_view piece) { whole += piece; };
  open_document(out, kPlanSchema);
  add_section(out, "tool", report.tool);
  add_section(out, "workspace", workspace_object(*report.workspace));
  add_array(out, sink, "requirements", report.requirements,
            [](std::string& to, const RequirementReport& item) {
              std::string text;
              write_planned(text, item);
              print(to, text, 4);
            });
  out += "\n}\n";
  sink(out);
  return whole;
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
