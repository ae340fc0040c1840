#include "agent/commands/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/commands/option_table.h"
#include "agent/commands/option_values.h"
#include "agent/commands/version.h"

namespace amlnet {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Arguments = std::vector<std::string>;

CheckOptions parsed(Arguments arguments, const Environment& environment = {}) {
  const auto result = parse_command_line(arguments, environment);
  if (const Notice* notice = std::get_if<Notice>(&result)) ADD_FAILURE() << notice->text;
  return std::holds_alternative<CommandLine>(result) ? std::get<CommandLine>(result).options : CheckOptions{};
}

CheckOptions check(Arguments arguments, const Environment& environment = {}) {
  arguments.insert(arguments.begin(), "check");
  return parsed(arguments, environment);
}

/// The error of a command line, which must be status 2 and one line.
std::string error_of(const Arguments& arguments, const Environment& environment = {}) {
  const auto result = parse_command_line(arguments, environment);
  const Notice* notice = std::get_if<Notice>(&result);
  if (!notice) return "no error";
  EXPECT_EQ(notice->status, 2);
  EXPECT_EQ(std::count(notice->text.begin(), notice->text.end(), '\n'), 1) << notice->text;
  return notice->text;
}

std::vector<std::pair<Format, std::string>> outputs(const CheckOptions& options) {
  std::vector<std::pair<Format, std::string>> out;
  for (const Output& output : options.outputs) out.emplace_back(output.format, output.path);
  return out;
}

TEST(Options, Defaults) {
  const CheckOptions options = check({});
  EXPECT_EQ(options.timeout, 5s);
  EXPECT_EQ(options.deadline, 60s);
  EXPECT_EQ(options.wait, 0s);
  EXPECT_EQ(options.retries, 1);
  EXPECT_EQ(options.concurrency, 1024);
  EXPECT_EQ(options.proxy, "env");
  EXPECT_EQ(options.fail_on, FailOn::required);
  EXPECT_EQ(options.color, When::automatic);
  EXPECT_TRUE(options.follow_ups);
  EXPECT_FALSE(options.offline);
  EXPECT_EQ(options.verbosity, 0);
  EXPECT_THAT(outputs(options), ElementsAre(std::pair(Format::human, "-")));
}

TEST(Options, RequirementsAndExplainHaveTheirOwn) {
  const auto list = parse_command_line(
      {"requirements", "--doc", "authentication", "--doc=synapse-integration", "--level", "optional",
       "--format", "markdown", "--doc-date", "2021-09-14", "--cloud", "usgov", "--feature", "ssh"},
      {});
  ASSERT_TRUE(std::holds_alternative<CommandLine>(list)) << std::get<Notice>(list).text;
  const auto& [command, options] = std::get<CommandLine>(list);
  EXPECT_EQ(command, Command::requirements);
  EXPECT_THAT(options.documents, ElementsAre("authentication", "synapse-integration"));
  EXPECT_THAT(options.levels, ElementsAre(Level::optional));
  EXPECT_EQ(options.list_format, ListFormat::markdown);
  EXPECT_EQ(options.filter.as_of, "2021-09-14");
  EXPECT_EQ(options.workspace.cloud, "usgov");
  EXPECT_THAT(parsed({"explain", "a.b", "--catalog", "x.json", "c.d"}).words, ElementsAre("a.b", "c.d"));
  EXPECT_THAT(error_of({"explain"}), HasSubstr("expected a requirement, a cause code or a finding"));
  EXPECT_EQ(parsed({"explain", "1", "--report", "a.json"}).report, "a.json");
  EXPECT_THAT(error_of({"requirements", "a.b"}), HasSubstr("\"a.b\": unexpected argument"));
  EXPECT_THAT(error_of({"requirements", "--format", "human"}),
              HasSubstr("--format: expected table, json or markdown, got \"human\""));
  EXPECT_THAT(error_of({"requirements", "--doc", "autentication"}),
              HasSubstr("did you mean \"authentication\"?"));
  EXPECT_THAT(error_of({"requirements", "--retries", "1"}), HasSubstr("--retries: unknown option"));
  EXPECT_THAT(error_of({"requirments"}), HasSubstr("did you mean \"requirements\"?"));
}

TEST(Options, ShowTakesOneReport) {
  const CheckOptions options = parsed({"show", "--all", "-", "--format", "json", "--output", "b.json"});
  EXPECT_TRUE(options.all);
  EXPECT_THAT(options.words, ElementsAre("-"));
  EXPECT_THAT(outputs(options), ElementsAre(std::pair(Format::json, "b.json")));
  EXPECT_TRUE(parsed({"show"}).words.empty());
  EXPECT_THAT(error_of({"show", "a", "b"}), HasSubstr("\"b\": unexpected argument"));
  EXPECT_THAT(error_of({"show", "--timeout", "1s"}), HasSubstr("--timeout: unknown option"));
  EXPECT_THAT(error_of({"check", "--all"}), HasSubstr("--all: unknown option"));
}

TEST(Options, EveryOption) {
  const CheckOptions options = check({"--config",
                                      "a.json",
                                      "--cloud",
                                      "china",
                                      "--region=eastus2",
                                      "--compute",
                                      "synapse-spark",
                                      "--feature",
                                      "ssh",
                                      "--feature",
                                      "rstudio",
                                      "--offline",
                                      "--only",
                                      "storage.*",
                                      "--only",
                                      "a,b",
                                      "--skip",
                                      "nsg.*",
                                      "--catalog",
                                      "x.json",
                                      "--catalog",
                                      "y.json",
                                      "--doc-date",
                                      "2025-02-28",
                                      "--timeout",
                                      "500ms",
                                      "--deadline",
                                      "2m",
                                      "--retries",
                                      "0",
                                      "--concurrency",
                                      "10000",
                                      "--resolver",
                                      "10.0.0.4",
                                      "--resolver",
                                      "[fd00::4]:5353",
                                      "--ca-file",
                                      "ca.pem",
                                      "--proxy",
                                      "http://u:p@10.0.0.9:3128",
                                      "--no-follow-ups",
                                      "--wait",
                                      "10m",
                                      "--fail-on",
                                      "any",
                                      "-v",
                                      "-v",
                                      "--color",
                                      "never",
                                      "--progress",
                                      "always"});
  EXPECT_EQ(options.config, "a.json");
  EXPECT_EQ(options.workspace.cloud, "china");
  EXPECT_EQ(options.workspace.region, "eastus2");
  EXPECT_EQ(options.workspace.compute, "synapse-spark");
  EXPECT_THAT(options.workspace.features, ElementsAre("ssh", "rstudio"));
  EXPECT_TRUE(options.offline);
  EXPECT_THAT(options.filter.only, ElementsAre("storage.*", "a,b"));
  EXPECT_THAT(options.filter.skip, ElementsAre("nsg.*"));
  EXPECT_THAT(options.catalogs, ElementsAre("x.json", "y.json"));
  EXPECT_EQ(options.filter.as_of, "2025-02-28");
  EXPECT_EQ(options.timeout, 500ms);
  EXPECT_EQ(options.deadline, 120s);
  EXPECT_EQ(options.retries, 0);
  EXPECT_EQ(options.concurrency, 10000);
  EXPECT_THAT(options.resolvers, ElementsAre("10.0.0.4", "[fd00::4]:5353"));
  EXPECT_EQ(options.ca_file, "ca.pem");
  EXPECT_EQ(options.proxy, "http://u:p@10.0.0.9:3128");
  EXPECT_FALSE(options.follow_ups);
  EXPECT_EQ(options.wait, 10min);
  EXPECT_EQ(options.fail_on, FailOn::any);
  EXPECT_EQ(options.verbosity, 2);
  EXPECT_EQ(options.color, When::never);
  EXPECT_EQ(options.progress, When::always);
  EXPECT_EQ(check({"-q"}).verbosity, -1);
  EXPECT_EQ(check({"--timeout", "1s", "--timeout", "2s"}).timeout, 2s);  // the last wins
}

TEST(Options, FormatsAndOutputsPairInOrder) {
  EXPECT_THAT(outputs(check({"--format", "json", "--output", "a.json"})),
              ElementsAre(std::pair(Format::json, "a.json")));
  EXPECT_THAT(outputs(check({"--format", "human", "--format", "json", "--output", "a.json", "--format",
                             "jsonl", "--output", "-"})),
              ElementsAre(std::pair(Format::human, "-"), std::pair(Format::json, "a.json"),
                          std::pair(Format::jsonl, "-")));
  EXPECT_THAT(outputs(check({"--format=json", "--only", "x", "--output=a"})),
              ElementsAre(std::pair(Format::json, "a")));
}

TEST(Options, OutputNeedsItsFormatBefore) {
  EXPECT_THAT(error_of({"check", "--output", "a"}),
              HasSubstr("--output: needs a --format of its own before it"));
  EXPECT_THAT(error_of({"check", "--output", "a", "--format", "json"}),
              HasSubstr("--output: needs a --format"));
  EXPECT_THAT(error_of({"check", "--format", "json", "--output", "a", "--output", "b"}),
              HasSubstr("--output: needs"));
  EXPECT_THAT(error_of({"check", "--format", "json", "--output", "-", "--output", "-"}),
              HasSubstr("--output: needs"));
  EXPECT_THAT(error_of({"check"}, {{"AMLNET_OUTPUT", "a"}}), HasSubstr("AMLNET_OUTPUT: needs a --format"));
}

TEST(Options, FormatsOfOtherCommandsInTheEnvironmentAreNotMeantForThisOne) {
  const auto with = [](const char* formats) {
    return Environment{{"AMLNET_FORMAT", formats}, {"AMLNET_OUTPUT", "a,b"}};
  };
  EXPECT_EQ(parsed({"fix"}, with("json,human")).fix_format, FixFormat::text);
  EXPECT_EQ(parsed({"fix"}, with("bicep")).fix_format, FixFormat::bicep);
  EXPECT_EQ(parsed({"fix"}, with("bicep,terraform")).fix_format, FixFormat::text);
  EXPECT_EQ(parsed({"requirements"}, with("json")).list_format, ListFormat::json);
  EXPECT_EQ(parsed({"requirements"}, with("junit")).list_format, ListFormat::table);
  EXPECT_EQ(parsed({"requirements"}, with("json,markdown")).list_format, ListFormat::table);
  for (const Arguments& others : {Arguments{"plan"}, {"diff", "a", "b"}, {"fleet", "a"}})
    EXPECT_THAT(outputs(parsed(others, with("json,junit"))), ElementsAre(std::pair(Format::human, "-")));
  EXPECT_THAT(outputs(parsed({"fleet", "a"}, with("json,html"))),
              ElementsAre(std::pair(Format::json, "a"), std::pair(Format::html, "b")));
  EXPECT_THAT(outputs(check({}, with("terraform"))), ElementsAre(std::pair(Format::human, "-")));
}

TEST(Options, WhatIsNoFormatOfAnyCommandIsWrongInAll) {
  for (const Arguments& command : {Arguments{"check"}, {"plan"}, {"fix"}, {"requirements"}, {"fleet", "a"}})
    EXPECT_THAT(error_of(command, {{"AMLNET_FORMAT", "jsn"}}), HasSubstr("AMLNET_FORMAT: expected "));
  EXPECT_THAT(error_of({"fix", "--format", "json"}),
              HasSubstr("--format: expected text, az-cli, bicep or terraform, got \"json\""));
  EXPECT_THAT(error_of({"requirements", "--format", "bicep"}), HasSubstr("--format: expected table, json"));
}

TEST(Options, EnvironmentGivesWhatTheLineDoesNot) {
  const Environment environment{{"AMLNET_TIMEOUT", "2s"},
                                {"AMLNET_RETRIES", "3"},
                                {"AMLNET_ONLY", "a,b,,c"},
                                {"AMLNET_RESOLVER", "10.0.0.4,10.0.0.5"},
                                {"AMLNET_NO_FOLLOW_UPS", "1"},
                                {"AMLNET_OFFLINE", "false"},
                                {"AMLNET_FORMAT", "json,human"},
                                {"AMLNET_OUTPUT", "a.json"},
                                {"AMLNET_FAIL_ON", "never"},
                                {"AMLNET_CA_FILE", "a,b.pem"},
                                {"AMLNET_WAIT", ""},
                                {"AMLNET_UNRELATED", "x"}};
  const CheckOptions options = check({"--retries", "0", "--only", "z"}, environment);
  EXPECT_EQ(options.timeout, 2s);
  EXPECT_EQ(options.retries, 0);
  EXPECT_THAT(options.filter.only, ElementsAre("z"));
  EXPECT_THAT(options.resolvers, ElementsAre("10.0.0.4", "10.0.0.5"));
  EXPECT_FALSE(options.follow_ups);
  EXPECT_FALSE(options.offline);
  EXPECT_EQ(options.fail_on, FailOn::never);
  EXPECT_EQ(options.ca_file, "a,b.pem");
  EXPECT_THAT(outputs(options),
              ElementsAre(std::pair(Format::json, "a.json"), std::pair(Format::human, "-")));
  EXPECT_THAT(outputs(check({"--format", "jsonl"}, environment)), ElementsAre(std::pair(Format::jsonl, "-")));
  EXPECT_EQ(check({"-q"}, {{"AMLNET_VERBOSE", "1"}}).verbosity, -1);
  EXPECT_EQ(check({}, {{"AMLNET_VERBOSE", "1"}}).verbosity, 1);
}

TEST(Options, EveryOptionReadsItsVariable) {
  for (const OptionRow& row : option_rows()) {
    std::string variable = "AMLNET_";
    for (const char c : row.name) variable += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    // No option takes this, so each must complain under the name of its variable; plain texts take anything.
    const std::string text = row.value == "FILE" || row.value == "GLOB" ? "" : "\x01 no such value";
    if (text.empty()) continue;
    EXPECT_THAT(error_of({"check"}, {{variable, text}}), HasSubstr(variable + ": ")) << row.name;
  }
}

TEST(Options, ErrorsSayWhatIsWrongWhereAndWhatToWrite) {
  const std::pair<Arguments, std::string> cases[] = {
      {{"check", "--timout", "5s"}, "amlnet: --timout: unknown option; did you mean \"--timeout\"?\n"},
      {{"check", "--dead-line=5s"}, "amlnet: --dead-line: unknown option; did you mean \"--deadline\"?\n"},
      {{"check", "--identity", "manged"},
       "amlnet: --identity: expected auto, none, managed, service-principal, azure-cli or device-code, got "
       "\"manged\"; did you mean \"managed\"?\n"},
      {{"check", "--xyzzy"}, "amlnet: --xyzzy: unknown option; see amlnet check --help\n"},
      {{"plan", "--timeout", "5s"}, "amlnet: --timeout: unknown option; see amlnet plan --help\n"},
      {{"chek"}, "amlnet: chek: unknown command; did you mean \"check\"?; see amlnet --help\n"},
      {{"--verbos", "check"}, "amlnet: --verbos: unknown option; see amlnet --help\n"},
      {{"check", "extra"}, "amlnet: \"extra\": unexpected argument; see amlnet check --help\n"},
      {{"check", "--timeout", "5"},
       "amlnet: --timeout: expected a duration like 500ms, 5s or 2m, at most seven days, got \"5\"\n"},
      {{"check", "--format", "jsn"}, "or prometheus, got \"jsn\"; did you mean \"json\"?\n"},
      {{"check", "--retries", "-1"}, "amlnet: --retries: expected a whole number from 0 to 20, got \"-1\"\n"},
      {{"check", "--concurrency", "0"},
       "amlnet: --concurrency: expected a whole number from 1 to 1000000, got \"0\"\n"},
      {{"check", "--resolver", "ns1.example"},
       "amlnet: --resolver: expected an address like 10.0.0.4, 10.0.0.4:5353 or [fd00::4]:53, got "
       "\"ns1.example\"\n"},
      {{"check", "--doc-date", "2026-02-30"},
       "amlnet: --doc-date: expected a day like 2026-03-19, got \"2026-02-30\"\n"},
      {{"check", "--cloud", "publc"}, "--cloud: expected public, usgov or china, got \"publc\""},
      {{"check", "--compute", "instnce"}, "did you mean \"instance\"?"},
      {{"check", "--feature", "rstdio"}, "did you mean \"rstudio\"?"},
      {{"check", "--region", "East US 2"}, "--region: expected"},
      {{"check", "--config", ""}, "amlnet: --config: expected a value\n"},
      {{"check", "--fail-on", "al\x1bl"}, "got \"al\\x1bl\""},
      {{"check", "plan"}, "amlnet: "},
      {{"check", "--timeout"}, "--timeout"},
      {{"check", "--offline=maybe"}, "amlnet: "},
  };
  for (const auto& [arguments, text] : cases) EXPECT_THAT(error_of(arguments), HasSubstr(text));
}

TEST(Options, ABadProxyIsNotRepeated) {
  const std::string text = error_of({"check", "--proxy", "http://user:secret@/"});
  EXPECT_THAT(text, HasSubstr("--proxy: expected env, none or a URL"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(error_of({"check"}, {{"AMLNET_PROXY", "http://user:secret@/"}}), Not(HasSubstr("secret")));
}

TEST(Options, CommandsAndHelp) {
  EXPECT_EQ(std::get<CommandLine>(parse_command_line({"plan", "--offline"}, {})).command, Command::plan);
  EXPECT_EQ(std::get<CommandLine>(parse_command_line({"--version"}, {})).command, Command::version);
  const Notice help = std::get<Notice>(parse_command_line({"check", "--help"}, {}));
  EXPECT_EQ(help.status, 0);
  for (const OptionRow& row : option_rows()) EXPECT_THAT(help.text, HasSubstr("--" + std::string(row.name)));
  EXPECT_THAT(help.text, HasSubstr("Example:\n  amlnet check "));
  EXPECT_THAT(std::get<Notice>(parse_command_line({"plan", "-h"}, {})).text,
              HasSubstr("Example:\n  amlnet plan "));
  EXPECT_EQ(std::get<Notice>(parse_command_line({"--help"}, {})).status, 0);
  EXPECT_EQ(std::get<Notice>(parse_command_line({}, {})).status, 2);
}

TEST(Options, Durations) {
  const std::pair<std::string, std::chrono::milliseconds> good[] = {
      {"500ms", 500ms}, {"5s", 5s}, {"2m", 2min}, {"0", 0ms}, {"0s", 0ms}, {"10080m", 7 * 24h}};
  for (const auto& [text, value] : good) EXPECT_EQ(duration_of(text), value) << text;
  for (const char* bad : {"", "5", "s", "-5s", "+5s", "5 s", "5S", "1.5s", "5h", "10081m",
                          "99999999999999999999s", "5ss", "ms", "0x5s"}) {
    EXPECT_EQ(duration_of(bad), std::nullopt) << bad;
  }
}

TEST(Options, TheSasOfAnUploadIsNeverRepeated) {
  const std::string url = "https://stws1.blob.core.windows.net/support?sv=1&sig=s3cret";
  EXPECT_EQ(parsed({"bundle", "--upload", url}).upload, url);
  EXPECT_EQ(parsed({"bundle"}, {{"AMLNET_UPLOAD", url}}).upload, url);
  EXPECT_EQ(check({}, {{"AMLNET_UPLOAD", url}}).upload, "");
  const std::string plain = "http" + url.substr(5);
  for (const Arguments& wrong :
       {Arguments{"bundle", url}, Arguments{"bundle", "--upload", plain},
        Arguments{"bundle", "--uplod=" + url}, Arguments{"bundle", "--upload=" + url, url},
        Arguments{"check", "--upload", url}, Arguments{"bundle", "--upload"}}) {
    EXPECT_THAT(error_of(wrong), Not(HasSubstr("s3cret"))) << wrong.back();
  }
  EXPECT_THAT(error_of({"bundle", "--upload", plain}),
              HasSubstr("--upload: the URL does not begin with https://"));
}

TEST(Options, Servers) {
  for (const char* good : {"10.0.0.4", "10.0.0.4:5353", "fd00::4", "[fd00::4]:53", "::1"})
    EXPECT_TRUE(is_server(good));
  for (const char* bad : {"", "ns1", "10.0.0", "10.0.0.4:", "10.0.0.4:0", "10.0.0.4:65536", "[fd00::4]",
                          "[fd00::4]:x", "10.0.0.4:53:53", "[10.0.0.4]:53"}) {
    EXPECT_FALSE(is_server(bad)) << bad;
  }
}

TEST(Options, Dates) {
  EXPECT_TRUE(is_date("2024-02-29"));
  for (const char* bad : {"", "2026-02-29", "2026-2-1", "2026/02/01", "19-03-2026", "2026-03-19T00"}) {
    EXPECT_FALSE(is_date(bad)) << bad;
  }
}

TEST(Version, NamesProgramCatalogAndLibraries) {
  const std::string text = version_text("2026.1");
  EXPECT_THAT(text, testing::StartsWith("amlnet " + std::string(version()) + "\ncatalog 2026.1\n"));
  for (const char* library :
       {"asio ", "c-ares ", "libcurl ", "OpenSSL ", "nlohmann_json ", "CLI11 ", "fmt "}) {
    EXPECT_THAT(text, HasSubstr(library));
  }
}

TEST(Options, PortsOfListenAndReach) {
  EXPECT_THAT(parsed({"listen"}).ports, testing::IsEmpty());
  EXPECT_EQ(parsed({"listen"}).listen_for, 10min);
  EXPECT_EQ(parsed({"listen", "--for", "30s"}).listen_for, 30s);
  EXPECT_THAT(parsed({"listen", "--ports", "22,20000-20002", "--ports", "22,1"}).ports,
              ElementsAre(22, 20000, 20001, 20002, 1));
  const CheckOptions reach =
      parsed({"reach", "10.0.3.8", "--timeout", "2s"}, {{"AMLNET_PORTS", "6105,7000-7001"}});
  EXPECT_THAT(reach.words, ElementsAre("10.0.3.8"));
  EXPECT_THAT(reach.ports, ElementsAre(6105, 7000, 7001));
}

TEST(Options, PortsThatAreNone) {
  for (const std::string ports :
       {"", "0", "65536", "22,", ",22", "22-", "-22", "30-20", "a", "1-257", "1 2", "22/tcp"}) {
    const std::string error = error_of({"listen", "--ports", ports});
    EXPECT_THAT(error, HasSubstr("--ports: expected ports like 44224,20000-20009")) << ports;
  }
  EXPECT_THAT(error_of({"listen", "--ports", "1-256", "--ports", "300"}), HasSubstr("at most 256"));
}

TEST(Options, ReachTakesOneHostAlone) {
  EXPECT_THAT(error_of({"reach"}), HasSubstr("reach: expected the other node"));
  for (const std::string host : {"10.0.3.8:22", "http://ci2/", "ci 2", "-", "", "[fd00::8]"})
    EXPECT_THAT(error_of({"reach", host}), HasSubstr("reach: expected a host name or address alone")) << host;
  EXPECT_THAT(error_of({"reach", "ci2", "ci3"}), HasSubstr("unexpected argument"));
  for (const std::string host : {"ci2", "ci2.internal.cloudapp.net", "fd00::8"})
    EXPECT_THAT(parsed({"reach", host}).words, ElementsAre(host));
}

}  // namespace
}  // namespace amlnet
