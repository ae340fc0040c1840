#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <limits>

#include "reports/json.h"
#include "reports/model/base64.h"
#include "reports/model/codec.h"
#include "reports/model/document.h"
#include "tests/unit/differences.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Report read(const std::string& json) {
  auto result = read_report(json);
  if (const ReportError* error = std::get_if<ReportError>(&result)) ADD_FAILURE() << error->text;
  return std::holds_alternative<Report>(result) ? std::get<Report>(result) : Report{};
}

std::string error_of(const std::string& json) {
  const auto result = read_report(json);
  const ReportError* error = std::get_if<ReportError>(&result);
  return error ? error->text : "no error";
}

/// The full report with `from` replaced by `to` once.
std::string changed(const std::string& from, const std::string& to) {
  std::string json = report_json(full_report());
  const std::size_t at = json.find(from);
  if (at == std::string::npos) ADD_FAILURE() << from << " is not in\n" << json;
  return at == std::string::npos ? json : json.replace(at, from.size(), to);
}

/// Exit status of the schema check on `content`.
int schema_status(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + "/amlnet-" + std::to_string(getpid()) + "-" + name;
  std::ofstream(path) << content;
  const std::string command = "python3 " TEST_SOURCE_DIR "/schema_check.py '" + path + "'";
  const int status = std::system(command.c_str());
  std::remove(path.c_str());
  return status;
}

TEST(ReportJson, SampleSetsEveryField) {
  // A field that has its default would pass the round trip even if it were forgotten.
  Report empty;
  Report full = full_report();
  EXPECT_EQ(differences(full.run, empty.run).size(), 8u);
  EXPECT_EQ(differences(full.node, empty.node).size(), 10u);
  EXPECT_EQ(differences(full.probes[0], ProbeRecord{}).size(), 12u);  // kind is dns
  EXPECT_EQ(differences(*detail_of<TcpDetail>(full.probes[1]), TcpDetail{}).size(), 9u + 3);
  EXPECT_EQ(differences(*detail_of<UdpDetail>(full.probes[2]), UdpDetail{}).size(), 6u + 3);
  EXPECT_EQ(differences(*detail_of<TlsDetail>(full.probes[3]), TlsDetail{}).size(), 16u + 3);
  EXPECT_EQ(differences(*detail_of<HttpDetail>(full.probes[4]), HttpDetail{}).size(), 18u + 3);
  EXPECT_EQ(differences(*detail_of<IdentityDetail>(full.probes[5]), IdentityDetail{}).size(), 13u + 3);
  EXPECT_EQ(differences(detail_of<DnsDetail>(full.probes[0])->answers[0], DnsAnswer{}).size(), 16u + 3);
  EXPECT_EQ(differences(full.certificates["aa11"], Certificate{}).size(), 15u);
}

TEST(ReportJson, RoundTripKeepsEveryField) {
  EXPECT_THAT(differences(read(report_json(full_report())), full_report()), IsEmpty());
}

TEST(ReportJson, RoundTripKeepsDefaults) {
  Report report;
  report.workspace = Json::object();
  report.findings.emplace_back();
  report.requirements.emplace_back().endpoints.emplace_back();
  for (const ProbeKind kind : Values<ProbeKind>::all) report.probes.emplace_back().kind = kind;
  report.probes.emplace_back().detail = DnsDetail{};
  report.probes.back().detail = DnsDetail{"", {}, {}, false, {DnsAnswer{}}, {}, ""};
  for (const ProbeDetail& detail :
       {ProbeDetail(TcpDetail{}), ProbeDetail(UdpDetail{}), ProbeDetail(TlsDetail{}),
        ProbeDetail(HttpDetail{}), ProbeDetail(DnsDetail{}), ProbeDetail(IdentityDetail{})}) {
    ProbeRecord& probe = report.probes.emplace_back();
    constexpr std::array kinds{ProbeKind::dns, ProbeKind::dns,  ProbeKind::tcp,     ProbeKind::udp,
                               ProbeKind::tls, ProbeKind::http, ProbeKind::identity};
    probe.kind = kinds[detail.index()];
    probe.detail = detail;
    probe.target =
        "host.example:443";  // what a detail leaves out is read from here: defaults must be written
  }
  report.certificates["aa"].sha256 = "aa";
  EXPECT_THAT(differences(read(report_json(report)), report), IsEmpty());
}

TEST(ReportJson, EqualAnswersAreWrittenOnceAndKeepTheirOrder) {
  const std::string json = report_json(full_report());
  EXPECT_THAT(json, HasSubstr(R"("order":[0,2,1,3])"));
  const Report back = read(json);
  const auto& dns = *detail_of<DnsDetail>(back.probes[0]);
  std::vector<std::string> seen;
  for (const DnsAnswer& answer : dns.answers) seen.push_back(answer.server + ' ' + answer.type);
  EXPECT_THAT(seen, ElementsAre("10.0.0.4 A", "10.0.0.4 AAAA", "10.0.0.5 A", "10.0.0.5 AAAA"));
}

TEST(ReportJson, ManyAskingsOfOneAnswer) {
  Report report = full_report();
  auto& answers = detail_of<DnsDetail>(report.probes[0])->answers;
  for (int i = 0; i < 30; ++i) answers.push_back(answers[static_cast<std::size_t>(i) % 3]);
  EXPECT_THAT(differences(read(report_json(report)), report), IsEmpty());
}

TEST(ReportJson, NumbersAreRoundedAndNeverNaN) {
  Report report = full_report();
  report.run.duration_ms = 812.449;
  report.probes[0].start_ms = std::numeric_limits<double>::quiet_NaN();
  const Report back = read(report_json(report));
  EXPECT_EQ(back.run.duration_ms, 812.4);
  EXPECT_EQ(back.probes[0].start_ms, 0);
}

TEST(ReportJson, TextThatIsNoUtf8IsStillJson) {
  Report report = full_report();
  report.node.hostname = "bad\xff\x1b[31m";
  report.certificates["aa11"].subject = "CN=\xc3(";
  EXPECT_EQ(read(report_json(report)).node.hostname, "bad\xef\xbf\xbd\x1b[31m");
  EXPECT_EQ(schema_status("bad-utf8.json", report_json(report)), 0);
}

TEST(ReportJson, MatchesTheSchema) {
  EXPECT_EQ(schema_status("full.json", report_json(full_report())), 0);
  Report empty;
  empty.run.started = empty.run.finished = "2026-03-19T08:00:00Z";
  EXPECT_EQ(schema_status("empty.json", report_json(empty)), 0);
  EXPECT_EQ(schema_status("failing.json", report_json(failing_report())), 0);
  EXPECT_EQ(schema_status("large.json", report_json(large_report(20))), 0);
  EXPECT_EQ(schema_status("plan.json", plan_json(full_report())), 0);
}

TEST(ReportJson, SchemaRefuses) {
  EXPECT_NE(schema_status("r1.json", changed(R"("alert":112)", R"("alert":"112")")), 0);
  EXPECT_NE(schema_status("r2.json", changed(R"("alert":112)", R"("alart":112)")), 0);
  EXPECT_NE(schema_status("r3.json", changed(R"("kind":"tcp")", R"("kind":"udp")")), 0);
  EXPECT_NE(schema_status("r4.json", changed(R"("severity": "blocking")", R"("severity": "bad")")), 0);
  EXPECT_NE(schema_status("r5.json", changed("amlnet.report/1", "amlnet.report/2")), 0);
  EXPECT_NE(schema_status("r6.json", "{"), 0);
}

TEST(ReportJson, ErrorsNameThePathAndWhatWasExpected) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "line 1: not JSON"},
      {"[]", "report: expected an object, got an array"},
      {"{}", "report: schema is missing"},
      {"{\"a\":1,\n\"a\":2}", "\"a\" is there twice"},
      {std::string(100000, '['), "more than 64 levels"},
      {"{\"schema\": \"x\x01\"}", "line 1: not JSON"},
      {R"({"schema":"amlnet.report/2"})",
       "report: schema: expected \"amlnet.report/1\", got \"amlnet.report/2\""},
      {changed(R"("level": "recommended")", R"("level": 7)"),
       "requirements[0].level: expected required, recommended or optional, got 7"},
      {changed(R"("attempt": 2)", R"("attempt": -99999999999)"),
       "run.attempt: expected a whole number from -2147483648 to 2147483647, got -99999999999"},
      {changed(R"("port":444)", R"("port":65536)"),
       "probes[1].detail.port: expected a whole number from 0 to 65535, got 65536"},
      {changed(R"("port": 443)", R"("port": 65536)"),
       "requirements[0].endpoints[0].port: expected a whole number from 0 to 65535, got 65536"},
      {changed(R"("failure":"reset")", R"("failure":"rest")"),
       "probes[0].detail.answers[0].error.failure: expected the name of a failure, got \"rest\""},
      {changed(R"("source":"errno")", R"("source":"")"),
       "probes[0].detail.answers[0].error.source: expected errno, c-ares, openssl, curl or amlnet, got \"\""},
      {changed(R"("complete": false)", R"("complete": 0)"), "run.complete: expected true or false, got 0"},
      {changed(R"("complete": false)", R"("completed": false)"), "run: complete is missing"},
      {changed(R"("hostname": "ci1")", R"("hostname": "ci1", "x": 1)"), "node.x: unknown member"},
      {changed(R"("order":[0,2,1,3])", R"("order":[0,2,1,1])"),
       "probes[0].detail: order: expected each place once"},
      {changed(R"("ttl":[60,10,11,5])", R"("ttl":[60,10,11])"),
       "probes[0].detail.answers[0]: from: each ttl must have one number a record"},
      {changed("2023-11-14T22:13:20Z", "2023-02-30T22:13:20Z"),
       "certificates.aa11.not_before: expected a time like 2026-03-19T08:00:00Z, got "
       "\"2023-02-30T22:13:20Z\""},
      {changed(R"("workspace": {)", R"("workspace": 3, "x": {)"), "report: workspace: expected an object"},
      {changed(R"("base64":"//4=")", R"("base64":"//5=")"),
       "probes[4].detail.headers[1].value: base64 is malformed"},
  };
  for (const auto& [json, text] : cases) EXPECT_THAT(error_of(json), HasSubstr(text)) << json.substr(0, 200);
}

TEST(ReportJson, ErrorsAreSafeToPrint) {
  const std::string text =
      error_of(changed(R"("hostname": "ci1")",
                       "\"\\u001b[31m\\u202e" + std::string(5000, 'x') + R"(": 1, "hostname": "ci1")"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 200u);
}

TEST(ReportJson, AnyCutOrDamageIsAnErrorNotACrash) {
  const std::string json = report_json(full_report());
  for (std::size_t size = 0; size + 2 < json.size(); size += 53)
    EXPECT_NE(error_of(json.substr(0, size)), "no error");
  for (std::size_t at = 0; at < json.size(); at += 23) {
    std::string damaged = json;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 + at % 31));
    read_report(damaged);  // must return; most are errors, a changed letter in a text is not
  }
}

TEST(ReportJson, DocumentBounds) {
  EXPECT_THAT(std::get<DocumentError>(parse_document("[1,2,3]", {.values = 3})).text,
              HasSubstr("more than 3 values"));
  EXPECT_THAT(std::get<DocumentError>(parse_document("[[1]]", {.depth = 1})).text,
              HasSubstr("more than 1 levels"));
  EXPECT_THAT(std::get<DocumentError>(parse_document("[1]", {.bytes = 2})).text, HasSubstr("larger than"));
  EXPECT_EQ(std::get<Json>(parse_document("[1,{\"b\":[],\"a\":2}]")).dump(), "[1,{\"b\":[],\"a\":2}]");
}

TEST(ReportJson, PrintBreaksOnlyWhatIsLong) {
  std::string out;
  print(out, compact(Json{{"short", {1, 2}}, {"long", {std::string(80, 'a'), std::string(80, 'b')}}}), 0);
  EXPECT_EQ(out, "{\n  \"short\": [1,2],\n  \"long\": [\n    \"" + std::string(80, 'a') + "\",\n    \"" +
                     std::string(80, 'b') + "\"\n  ]\n}");
}

TEST(ReportJson, HealthyReportStaysSmall) {
  // Four probes, three nameservers and an HTTP answer for each endpoint.
  EXPECT_LT(report_json(large_report(150)).size(), 150u * 3'300);
}

TEST(PlanJson, HasStagesAndNoResults) {
  const Json plan = Json::parse(plan_json(failing_report()));
  EXPECT_EQ(plan["schema"], "amlnet.plan/1");
  const Json& endpoint = plan["requirements"][0]["endpoints"][0];
  EXPECT_EQ(plan["requirements"][0]["status"], "planned");
  EXPECT_EQ(endpoint["stages"].dump(), R"(["dns","tcp","tls","http"])");
  EXPECT_FALSE(endpoint.contains("probes"));
}

TEST(Base64, KnownValuesAndRefusals) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {std::string("\0\xff", 2), "AP8="}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64_encoded(bytes), text);
    EXPECT_EQ(base64_decoded(text), bytes);
  }
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9v=", "Z===", "====", "Zm 9", "Zg==Zg=="}) {
    EXPECT_EQ(base64_decoded(bad), std::nullopt) << bad;
  }
}

TEST(Rfc3339, ThereAndBack) {
  const std::pair<std::int64_t, std::string> cases[] = {{0, "1970-01-01T00:00:00Z"},
                                                        {951782400, "2000-02-29T00:00:00Z"},
                                                        {-1, "1969-12-31T23:59:59Z"},
                                                        {253402300799, "9999-12-31T23:59:59Z"},
                                                        {-62167219200, "0000-01-01T00:00:00Z"}};
  for (const auto& [seconds, text] : cases) {
    EXPECT_EQ(rfc3339(seconds), text);
    EXPECT_EQ(from_rfc3339(text), seconds);
  }
  EXPECT_EQ(rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59Z");
  for (const char* bad : {"", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
                          "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+00:00", "20x6-01-01T00:00:00Z"}) {
    EXPECT_EQ(from_rfc3339(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace amlnet
