// What the head of a report says of questions that were asked without a token only.
#include "reports/headline.h"

#include <gmock/gmock.h>

#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

void leave_out(Report& report, const std::string& target, const std::string& note) {
  ProbeRecord& record = report.probes.emplace_back();
  record.kind = ProbeKind::http;
  record.target = target;
  record.purpose = Purpose::control;
  record.control = "authenticated";
  record.status = ProbeStatus::skipped;
  record.note = note;
}

TEST(Headline, SaysWhatWasAskedWithoutATokenOnly) {
  Report report = failing_report();
  EXPECT_THAT(workspace_parts(report), Not(Contains(HasSubstr("without a token"))));
  leave_out(report, "stws1.queue.core.windows.net:443", "--identity none");
  leave_out(report, "kvws1.vault.azure.net:443", "--identity none");
  leave_out(report, "stws1.blob.core.windows.net:443", "--identity none");
  leave_out(report, "11111111-2222-3333-4444-555555555555.workspace.eastus2.api.azureml.ms:443",
            "--identity none");
  EXPECT_THAT(workspace_parts(report),
              Contains("asked without a token only: workspace, kvws1.vault.azure.net, "
                       "stws1 (blob, queue) (--identity none)"));
}

TEST(Headline, EachReasonOnce) {
  Report report = failing_report();
  leave_out(report, "a.vault.azure.net:443", "no token for https://vault.azure.net");
  leave_out(report, "b.blob.core.windows.net:443", "no token for https://storage.azure.com/");
  leave_out(report, "c.blob.core.windows.net:443", "no token for https://storage.azure.com/");
  EXPECT_THAT(workspace_parts(report),
              Contains(HasSubstr("(no token for https://vault.azure.net; no token for "
                                 "https://storage.azure.com/)")));
}

TEST(Headline, HostsOfOneLabelAndOfNone) {
  Report report = failing_report();
  leave_out(report, "host:443", "why");
  leave_out(report, "", "why");
  leave_out(report, std::string(40, 'x') + ":443", "why");
  EXPECT_THAT(workspace_parts(report), Contains(HasSubstr("host")));
}

}  // namespace
}  // namespace amlnet
