#include "reports/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/bundle_canaries.h"
#include "reports/json.h"
#include "reports/model/base64.h"
#include "reports/redact_report.h"
#include "tests/unit/sample_report.h"

namespace amlnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

BundleInput sample_input() {
  BundleInput input;
  input.report = failing_report();
  input.texts = {{"resolv.conf", "/etc/resolv.conf", "nameserver 10.0.0.4\nsearch corp.contoso.com\n"},
                 {"routes.txt", "routes", "0.0.0.0/0 via 10.0.1.1 dev eth0 metric 0\n"}};
  input.environment = {{"https_proxy", "http://bob:hunter22@proxy.contoso.com:3128"},
                       {"AZURE_CLIENT_SECRET", "s3cr3t-value"}};
  input.secrets = {"s3cr3t-value", "hunter22"};
  return input;
}

BundleRules rules(const std::string& redaction) {
  return {redaction,
          "a key of many bytes",
          {"<storage>.blob.core.windows.net", "privatelink.blob.core.windows.net",
           "<compute>.<region>.instances.azureml.ms", "learn.microsoft.com", "eastus2"},
          "amlnet-bundle",
          "2026-03-19T08:00:00.000Z"};
}

Bundle made(const BundleInput& input, const std::string& redaction) {
  const auto bundle = make_bundle(input, rules(redaction));
  if (const auto* error = std::get_if<BundleError>(&bundle)) throw std::runtime_error(error->text);
  return std::get<Bundle>(bundle);
}

std::string all_of(const Bundle& bundle) {
  std::string all;
  for (const ArchiveMember& member : bundle.members) all += member.name + '\n' + member.content + '\n';
  return all;
}

std::string member(const Bundle& bundle, const std::string& name) {
  for (const ArchiveMember& one : bundle.members)
    if (one.name == "amlnet-bundle/" + name) return one.content;
  return "none";
}

TEST(Bundle, HoldsTheReportInThreeFormatsAndSaysWhatIsInIt) {
  const Bundle bundle = made(sample_input(), "secrets");
  const auto manifest = nlohmann::json::parse(member(bundle, "manifest.json"));
  EXPECT_EQ(manifest["schema"], "amlnet.bundle/1");
  EXPECT_EQ(manifest["redaction"], "secrets");
  EXPECT_EQ(manifest["files"].size() + 1, bundle.members.size());
  EXPECT_TRUE(manifest["names_replaced"].is_null());
  EXPECT_TRUE(std::holds_alternative<Report>(read_report(member(bundle, "report.json"))));
  EXPECT_THAT(member(bundle, "report.html"), HasSubstr("<!doctype html>"));
  EXPECT_THAT(member(bundle, "plan.json"), HasSubstr("amlnet.plan/1"));
  EXPECT_THAT(member(bundle, "environment.txt"),
              AllOf(HasSubstr("https_proxy=http://(removed)@proxy.contoso.com:3128"),
                    HasSubstr("AZURE_CLIENT_SECRET=(removed)")));
  EXPECT_THAT(all_of(bundle), AllOf(Not(HasSubstr("hunter22")), Not(HasSubstr("s3cr3t-value")),
                                    HasSubstr("stws1"), HasSubstr("10.0.0.4")));
}

TEST(Bundle, PseudonymsInAllFiles) {
  const Bundle all = made(sample_input(), "all");
  EXPECT_THAT(all_of(all),
              AllOf(Not(HasSubstr("stws1")), Not(HasSubstr("contoso")), Not(HasSubstr("10.0.0.4")),
                    Not(HasSubstr("20.60.14.8")), HasSubstr(".blob.core.windows.net")));
  EXPECT_GT(all.names, 0u);
  EXPECT_GT(all.addresses, 0u);
  EXPECT_THAT(all_of(made(sample_input(), "names")), AllOf(Not(HasSubstr("stws1")), HasSubstr("10.0.0.4")));
  EXPECT_THAT(all_of(made(sample_input(), "addresses")),
              AllOf(HasSubstr("stws1"), Not(HasSubstr("10.0.0.4"))));
}

TEST(Bundle, ARedactedReportTellsTheSame) {
  for (const Report& report : {failing_report(), full_report(), healthy_report(), incomplete_report()}) {
    Redactor redactor({true, true}, "key", rules("all").public_names);
    learn_names(redactor, report);
    const std::optional<Report> hidden = redacted(redactor, report);
    ASSERT_TRUE(hidden);
    ASSERT_EQ(hidden->findings.size(), report.findings.size());
    for (std::size_t at = 0; at < report.findings.size(); ++at) {
      EXPECT_EQ(hidden->findings[at].cause, report.findings[at].cause);
      EXPECT_EQ(hidden->findings[at].requirements, report.findings[at].requirements);
      EXPECT_EQ(hidden->findings[at].evidence.size(), report.findings[at].evidence.size());
    }
    EXPECT_EQ(hidden->probes.size(), report.probes.size());
    EXPECT_EQ(hidden->certificates.size(), report.certificates.size());
    for (const RequirementReport& row : hidden->requirements) {
      for (const EndpointReport& endpoint : row.endpoints)
        for (const std::string& probe : endpoint.probes)
          EXPECT_TRUE(
              std::ranges::any_of(hidden->probes, [&](const ProbeRecord& one) { return one.id == probe; }) ||
              report.probes.empty());
    }
  }
}

TEST(Bundle, CanariesAreInEachKindOfInput) {
  const Canaries canaries = canaries_for("key", {true, true});
  const BundleInput input = planted(sample_input(), canaries);
  EXPECT_THAT(canaries.hidden, testing::SizeIs(11));
  const std::string json = report_json(input.report);
  for (const std::string& hidden : canaries.hidden) {
    EXPECT_TRUE(survives(json, hidden)) << hidden;
    for (const BundleText& text : input.texts) EXPECT_TRUE(survives(text.content, hidden)) << text.name;
  }
  EXPECT_THAT(canaries_for("key", {false, false}).hidden, testing::SizeIs(5));
}

TEST(Bundle, NothingIsMadeWhereACanarySurvives) {
  // A public name with the canary's own labels keeps them readable: as if the redaction had a hole.
  BundleRules open = rules("names");
  const Canaries canaries = canaries_for(open.key, {true, false});
  open.public_names.push_back(canaries.host);
  const auto bundle = make_bundle(sample_input(), open);
  ASSERT_TRUE(std::holds_alternative<BundleError>(bundle));
  EXPECT_THAT(std::get<BundleError>(bundle).text, HasSubstr("a canary would be in"));
}

TEST(Bundle, NothingIsMadeWhereASecretIsInAName) {
  BundleRules folder = rules("secrets");
  folder.folder = "hunter22";
  const auto bundle = make_bundle(sample_input(), folder);
  ASSERT_TRUE(std::holds_alternative<BundleError>(bundle));
  EXPECT_THAT(std::get<BundleError>(bundle).text, HasSubstr("a secret of the environment"));
}

TEST(Bundle, SurvivorsAreFoundInsideBase64) {
  const std::string secret = "canarycanary";
  for (const char* before : {"", "x", "xy", "xyz"}) {
    EXPECT_TRUE(survives(base64_encoded(before + secret), secret)) << before;
    EXPECT_TRUE(survives(base64_encoded(before + secret + "and more"), secret)) << before;
  }
  EXPECT_FALSE(survives(base64_encoded("something else altogether"), secret));
  EXPECT_FALSE(survives("", secret));
}

TEST(Archive, WritesWhatItReads) {
  const std::vector<ArchiveMember> members{
      {"a/manifest.json", "{}"}, {"a/report.json", std::string(300'000, 'x')}, {"a/empty", ""}};
  std::string first, second;
  EXPECT_EQ(write_archive(members, 1'700'000'000, [&](std::string_view piece) { first += piece; }),
            std::nullopt);
  EXPECT_EQ(write_archive(members, 1'700'000'000, [&](std::string_view piece) { second += piece; }),
            std::nullopt);
  EXPECT_EQ(first, second);
  EXPECT_TRUE(is_gzip(first));
  EXPECT_EQ(std::get<std::string>(read_archived(first, "report.json")), members[1].content);
  EXPECT_EQ(std::get<std::string>(read_archived(first, "empty")), "");
  EXPECT_THAT(std::get<ArchiveError>(read_archived(first, "other")).text, HasSubstr("no other"));
  for (std::size_t size = 0; size < first.size(); size += 7) {
    const auto read = read_archived(first.substr(0, size), "report.json");
    EXPECT_TRUE(std::holds_alternative<ArchiveError>(read) ||
                std::get<std::string>(read) == members[1].content)
        << size;
  }
}

TEST(Archive, ReadsAReportCompressedAlone) {
  const std::string report =
      "{\"schema\": \"amlnet.report/1\", \"rest\": \"" + std::string(300'000, 'x') + "\"}";
  const auto compress = [](std::string_view text) {
    std::string packed;
    EXPECT_EQ(write_gzip([&](const TextSink& sink) { sink(text.substr(0, 9)), sink(text.substr(9)); },
                         [&](std::string_view piece) { packed += piece; }),
              std::nullopt);
    return packed;
  };
  const std::string packed = compress(report);
  EXPECT_EQ(packed, compress(report));
  EXPECT_LT(packed.size(), 2'000U);
  EXPECT_EQ(std::get<std::string>(read_archived(packed, "report.json")), report);
  for (std::size_t size = 0; size < packed.size(); size += 7)
    EXPECT_TRUE(std::holds_alternative<ArchiveError>(read_archived(packed.substr(0, size), "report.json")))
        << size;
  EXPECT_THAT(std::get<ArchiveError>(read_archived(compress("not a report at all"), "report.json")).text,
              HasSubstr("neither"));
  const std::string bomb = compress("{" + std::string(std::size_t{65} << 20, ' '));
  EXPECT_THAT(std::get<ArchiveError>(read_archived(bomb, "report.json")).text,
              HasSubstr("larger than 64 MiB"));
}

}  // namespace
}  // namespace amlnet
