// JSON Lines: what a reader can follow while the run goes on. The run comes first, then probes and findings
// as they are known, then the summary, which holds what only the end knows.
#include "reports/json.h"
#include "reports/model/document.h"
#include "reports/model/probe_json.h"
#include "reports/model/report_json.h"

namespace amlnet {
namespace {

/// One line of `type` with the members of `record`, a whole object that is not empty, after it.
std::string line(std::string_view type, std::string_view record) {
  std::string out = "{\"type\":\"";
  out += type;
  out += "\",";
  out += record.substr(1);
  return out + '\n';
}

/// What is known of a run when it begins.
std::string run_start(const Report::Run& run) {
  std::string out;
  Encoder encoder(out);
  encoder.must("id", run.id);
  encoder.must("started", run.started);
  encoder.must("attempt", run.attempt);
  encoder.close();
  return out;
}

}  // namespace

std::string jsonl_run(const Report& report) {
  std::string out;
  Encoder encoder(out);
  encoder.must("schema", std::string("amlnet.report/1"));
  encoder.must("tool", report.tool);
  encoder.add("run", run_start(report.run));
  encoder.must("node", report.node);
  encoder.must("workspace", workspace_object(*report.workspace));
  encoder.close();
  return line("run", out);
}

std::string jsonl_probe(const ProbeRecord& probe) {
  return line("probe", json_of(probe));
}

std::string jsonl_finding(const Finding& finding) {
  return line("finding", json_of(finding));
}

std::string jsonl_summary(const Report& report) {
  std::string out;
  Encoder encoder(out);
  encoder.must("run", report.run);
  encoder.must("workspace", workspace_object(*report.workspace));
  encoder.must("summary", report.summary);
  encoder.must("requirements", report.requirements);
  encoder.may("live_requirements", report.live_requirements);
  encoder.must("certificates", report.certificates);
  encoder.close();
  return line("summary", out);
}

}  // namespace amlnet
