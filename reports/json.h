// The JSON report: amlnet.report/1, its JSON Lines form, and amlnet.plan/1. Reading is strict and bounded:
// reports are hostile input.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "reports/file.h"
#include "reports/model/report.h"

namespace amlnet {

/// The whole report, indented by two, ending in a newline. Bytes from the network are {"text","base64"}.
std::string report_json(const Report& report);
/// The same piece by piece: a report of ten thousand probes never stands in memory as text.
void write_report(const Report& report, const TextSink& sink);

/// What is wrong with a report file: "requirements[3].level: expected required, recommended or optional, got
/// 7".
struct ReportError {
  std::string text;
};
std::variant<Report, ReportError> read_report(std::string_view json);

/// One line each, ending in a newline: {"type": "run"|"probe"|"finding"|"summary", ...}.
std::string jsonl_run(const Report& report);
std::string jsonl_probe(const ProbeRecord& probe);
std::string jsonl_finding(const Finding& finding);
std::string jsonl_summary(const Report& report);

/// amlnet.plan/1: tool, workspace and requirements of `report`, each status "planned" or "skipped".
std::string plan_json(const Report& report);

}  // namespace amlnet
