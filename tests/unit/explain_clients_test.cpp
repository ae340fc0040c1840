#include "agent/commands/explain_clients.h"

#include <gmock/gmock.h>

#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::HasSubstr;

Report report_with(const std::string& no_proxy) {
  Report report = failing_report();
  report.node.proxy = {
      {"https_proxy", "http://10.0.0.8:3128"}, {"no_proxy", no_proxy}, {"NO_PROXY", no_proxy}};
  EndpointReport endpoint;
  endpoint.host = "stws1.blob.core.windows.net";
  endpoint.port = 443;
  endpoint.protocol = "tls";
  endpoint.probes = {"t1"};
  report.requirements[0].endpoints = {endpoint};
  Certificate leaf;
  leaf.issuer_cn = "ISRG Root X1";
  report.certificates["leaf"] = leaf;
  TlsDetail tls;
  tls.chain = {"leaf"};
  tls.verdicts = {{"/etc/ssl/certs/ca-certificates.crt", 0, "ok"},
                  {"certifi /opt/x", 20, "unable to get issuer\x1b"}};
  ProbeRecord record;
  record.id = "t1";
  record.kind = ProbeKind::tls;
  record.detail = tls;
  report.probes.push_back(record);
  return report;
}

TEST(ExplainClients, EachClientReadsNoProxyInItsOwnWay) {
  HumanOptions wide;
  wide.width = 200;
  const auto of = [&](const std::string& no_proxy) {
    const Report report = report_with(no_proxy);
    return clients_in_report(report, report.requirements[0].id, wide);
  };
  EXPECT_THAT(of("*.core.windows.net"), HasSubstr("curl by http://10.0.0.8:3128"));
  EXPECT_THAT(of("*.core.windows.net"), HasSubstr("Go direct"));
  EXPECT_THAT(of(".core.windows.net"), HasSubstr("curl direct"));
  EXPECT_THAT(of(".core.windows.net"), HasSubstr("Python requests direct"));
}

TEST(ExplainClients, EachStoreHasItsVerdict) {
  const Report report = report_with("");
  const std::string text = clients_in_report(report, report.requirements[0].id, {});
  EXPECT_THAT(text, HasSubstr("ISRG Root X1"));
  EXPECT_THAT(text, HasSubstr("ca-certificates.crt trusts it"));
  EXPECT_THAT(text, HasSubstr("certifi /opt/x says"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ExplainClients, NothingWhereNothingDiffers) {
  const Report report = failing_report();
  EXPECT_EQ(clients_in_report(report, report.requirements[0].id, {}), "");
  EXPECT_EQ(clients_in_report(report, "no.such", {}), "");
}

}  // namespace
}  // namespace amlnet
