// Which answers keep their body at the end of a run.
#include "agent/run/usual_bodies.h"

#include <gmock/gmock.h>

namespace amlnet {
namespace {

Endpoint blob() {
  Endpoint endpoint;
  endpoint.host = "stws1.blob.core.windows.net";
  endpoint.port = 443;
  endpoint.protocol = Protocol::https;
  endpoint.answerer = "azure-blob";
  return endpoint;
}

/// The body that is left of an answer of the blob service's address.
std::string left_of(HttpDetail http, const std::vector<Endpoint>& endpoints = {blob()},
                    const std::string& target = "stws1.blob.core.windows.net:443") {
  Plan plan;
  plan.endpoints = endpoints;
  Probes records(1);
  records[0].kind = ProbeKind::http;
  records[0].target = target;
  records[0].detail = std::move(http);
  leave_out_usual_bodies(plan, records);
  return detail_of<HttpDetail>(records[0])->body.data;
}

HttpDetail answer(long status, const std::string& body) {
  HttpDetail http;
  http.url = "https://stws1.blob.core.windows.net/?comp=list";
  http.status = status;
  http.headers = {{"x-ms-request-id", {"1"}}, {"server", {"Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"}}};
  http.body.data = body;
  return http;
}

TEST(UsualBodies, AnExpectedAnswerLosesIts) {
  EXPECT_EQ(left_of(answer(409, "<Error><Code>PublicAccessNotPermitted</Code></Error>")), "");
  EXPECT_EQ(left_of(answer(404, "<Error><Code>ResourceNotFound</Code></Error>")), "");
}

TEST(UsualBodies, AnAnswerThatMeansSomethingByItsBodyKeepsIt) {
  for (const char* body :
       {"<Code>AuthorizationFailure</Code>", "AuthorizationPermissionMismatch", "Action: Deny. Reason"})
    EXPECT_EQ(left_of(answer(403, body)), body);
}

TEST(UsualBodies, WhatIsNotTheServiceKeepsIts) {
  auto http = answer(200, "<html>blocked</html>");
  http.headers = {{"content-type", {"text/html"}}};
  EXPECT_EQ(left_of(http), "<html>blocked</html>");
}

TEST(UsualBodies, AllEndpointsOfTheTargetMustAgree) {
  auto gateway = blob();
  gateway.origin = Origin::gateway_alias;
  const auto http = answer(502, "of whom?");
  EXPECT_EQ(left_of(http), "");
  EXPECT_EQ(left_of(http, {blob(), gateway}), "of whom?");
}

TEST(UsualBodies, WithoutAnEndpointOrForAnUpgradeNothingIsLeftOut) {
  EXPECT_EQ(left_of(answer(404, "x"), {}, "elsewhere:443"), "x");
  auto upgrade = answer(404, "x");
  upgrade.url = "wss://stws1.blob.core.windows.net/";
  EXPECT_EQ(left_of(upgrade), "x");
}

}  // namespace
}  // namespace amlnet
