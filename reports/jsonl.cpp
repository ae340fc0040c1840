// JSON Lines: what a reader can follow while the run goes on. The run comes first, then probes and findings
// as they are known, then the summary, which holds what only the end knows.
#include "reports/json.h"
#include "reports/model/document.h"
#include "reports/model/probe_json.h"
#include "reports/model/report_json.h"

namespace amlnet {
namespace {

/// One line of `type` with the members of `record` after it.
std::string line(std::string_view type, const Json& record) {
  Json json = Json::object();
  json["type"] = type;
  for (const auto& [key, value] : record.get_ref<const Json::object_t&>()) {
    json.get_ref<Json::object_t&>().emplace_back(key, value);
  }
  return compact(json) + '\n';
}

}  // namespace

std::string jsonl_run(const Report& report) {
  Json run = Json::object();
  run["schema"] = "amlnet.report/1";
  run["tool"] = encode(report.tool);
  run["run"] = {{"id", report.run.id}, {"started", report.run.started}, {"attempt", report.run.attempt}};
  run["node"] = encode(report.node);
  run["workspace"] = encode_workspace(report.workspace);
  return line("run", run);
}

std::string jsonl_probe(const ProbeRecord& probe) {
  return line("probe", encode(probe));
}

std::string jsonl_finding(const Finding& finding) {
  return line("finding", encode(finding));
}

std::string jsonl_summary(const Report& report) {
  Json summary = Json::object();
  summary["run"] = encode(report.run);
  summary["summary"] = encode(report.summary);
  summary["requirements"] = encode(report.requirements);
  summary["certificates"] = encode(report.certificates);
  return line("summary", summary);
}

}  // namespace amlnet
