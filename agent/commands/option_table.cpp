#include "agent/commands/option_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/catalog/coverage.h"
#include "agent/catalog/words.h"
#include "agent/commands/formats.h"
#include "agent/commands/option_setters.h"
#include "agent/commands/option_values.h"
#include "agent/upload/container.h"
#include "agent/watch/listen_address.h"
#include "probes/proxy.h"

namespace amlnet {
namespace {

constexpr Word<When> kWhens[] = {{"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
constexpr Word<Level> kLevels[] = {
    {"required", Level::required}, {"recommended", Level::recommended}, {"optional", Level::optional}};
constexpr Word<FailOn> kFailOns[] = {{"required", FailOn::required},
                                     {"recommended", FailOn::recommended},
                                     {"any", FailOn::any},
                                     {"never", FailOn::never}};

constexpr Word<IdentityChoice> kIdentities[] = {
    {"auto", IdentityChoice::automatic},      {"none", IdentityChoice::none},
    {"managed", IdentityChoice::managed},     {"service-principal", IdentityChoice::service_principal},
    {"azure-cli", IdentityChoice::azure_cli}, {"device-code", IdentityChoice::device_code}};

/// The workspace's own rules decide, on a workspace that nobody sees.
std::string take_workspace(std::string_view value, CheckOptions& options) {
  if (value.empty()) return "expected a value";
  Workspace scratch;
  const std::optional<ConfigError> error = apply_options(scratch, options.workspace);
  if (!error) return "";
  // Its message begins with the option's name, and so will ours.
  const std::size_t colon = error->text.find(": ");
  return colon == std::string::npos ? error->text : error->text.substr(colon + 2);
}

std::string take_date(std::string_view value, std::string& out) {
  if (!is_date(value)) return expected_but_got("a day like 2026-03-19", value);
  return set_text(value, out);
}

std::string take_server(std::string_view value, std::vector<std::string>& out) {
  if (!is_server(value))
    return expected_but_got("an address like 10.0.0.4, 10.0.0.4:5353 or [fd00::4]:53", value);
  return append_text(value, out);
}

std::string take_proxy(std::string_view value, std::string& out) {
  ProxyAddress address;
  // The value is not repeated: it may hold a password.
  if (value != "env" && value != "none" && !parse_proxy(value, address)) {
    return "expected env, none or a URL like http://10.0.0.9:3128";
  }
  return set_text(value, out);
}

std::string take_format(CheckOptions& options, std::string_view value) {
  return set_word<Format>(report_formats(), value, options.outputs.emplace_back().format);
}

/// What an --output without a --format before it, or a second one after it, is told. "" marks a format that
/// has none yet.
std::string take_output(CheckOptions& options, std::string_view value) {
  constexpr std::string_view kAdvice =
      "needs a --format of its own before it, as in --format json --output report.json";
  if (options.outputs.empty() || options.outputs.back().path_given) return std::string(kAdvice);
  options.outputs.back().path_given = true;
  return set_text(value, options.outputs.back().path);
}

std::string take_document(CheckOptions& options, std::string_view value) {
  std::vector<Word<std::string_view>> words;
  for (const std::string_view name : covered_document_names()) words.push_back({name, name});
  std::string_view found;
  std::string wrong = set_word<std::string_view>(words, value, found);
  if (wrong.empty()) options.documents.emplace_back(found);
  return wrong;
}

std::string take_redaction(CheckOptions& options, std::string_view value) {
  constexpr Word<std::string_view> kWords[] = {
      {"secrets", "secrets"}, {"names", "names"}, {"addresses", "addresses"}, {"all", "all"}};
  std::string_view found = options.redaction;
  std::string wrong = set_word<std::string_view>(kWords, value, found);
  if (wrong.empty()) options.redaction = found;
  return wrong;
}

std::string take_listen(CheckOptions& options, std::string_view value) {
  if (value != "none" && !listen_address_of(value))
    return expected_but_got(
        "none, a port for this machine alone like 9815, or an address like 10.0.1.7:9815 or [fd00::7]:9815",
        value);
  return set_text(value, options.listen);
}

/// The value is not repeated: it may hold a SAS.
std::string take_upload(CheckOptions& options, std::string_view value) {
  options.upload = value;
  const auto read = read_container_url(options.upload);
  const auto* wrong = std::get_if<ConfigError>(&read);
  return wrong ? wrong->text : "";
}

std::string take_ports(std::string_view value, std::vector<std::uint16_t>& out) {
  const auto ports = ports_of(value);
  if (!ports || out.size() + ports->size() > kMostPorts)
    return expected_but_got(fmt::format("ports like 44224,20000-20009, at most {} of them", kMostPorts),
                            value);
  for (const std::uint16_t port : *ports)
    if (std::ranges::find(out, port) == out.end()) out.push_back(port);
  return "";
}

using O = CheckOptions;
using V = std::string_view;

constexpr OptionRow kRows[] = {
    {"config", 0, "FILE", "Workspace file, in place of the usual places", false, true,
     [](O& o, V v) { return set_text(v, o.config); }},
    {"cloud", 0, "NAME", "public, usgov or china", false, true,
     [](O& o, V v) { return o.workspace.cloud = v, take_workspace(v, o); }},
    {"region", 0, "R", "Azure region, as eastus2", false, true,
     [](O& o, V v) { return o.workspace.region = v, take_workspace(v, o); }},
    {"compute", 0, "KIND", "instance, cluster, serverless, kubernetes, spark, synapse-spark, vm, ...", false,
     true, [](O& o, V v) { return o.workspace.compute = v, take_workspace(v, o); }},
    {"feature", 0, "NAME", "A feature that is used; repeatable", true, true,
     [](O& o, V v) { return o.workspace.features.emplace_back(v), take_workspace(v, o); }},
    {"offline", 0, "", "Discovery asks nothing over the network", false, true,
     [](O& o, V v) { return o.offline = v == "true", std::string(); }},
    {"only", 0, "GLOB", "Only requirements whose id matches; repeatable", true, true,
     [](O& o, V v) { return append_text(v, o.filter.only); }},
    {"skip", 0, "GLOB", "Not the requirements whose id matches; repeatable", true, true,
     [](O& o, V v) { return append_text(v, o.filter.skip); }},
    {"catalog", 0, "FILE", "Further requirements of your organization; repeatable", true, true,
     [](O& o, V v) { return append_text(v, o.catalogs); }},
    {"doc-date", 0, "DATE", "The documentation as of that day", false, true,
     [](O& o, V v) { return take_date(v, o.filter.as_of); }},
    {"format", 0, "FORMAT",
     "human, json, jsonl, html, junit, markdown or prometheus; repeatable, each with an --output after it",
     true, true, take_format},
    {"output", 0, "FILE",
     "Where the report of the --format before it goes, compressed where it ends in .gz; - is standard output",
     true, true, take_output},
    {"timeout", 0, "DUR", "One attempt of one probe; a DNS try takes 1s at most [5s]", false, false,
     [](O& o, V v) { return set_duration(v, false, o.timeout); }},
    {"deadline", 0, "DUR", "One round; what is not finished is unknown [60s]", false, false,
     [](O& o, V v) { return set_duration(v, false, o.deadline); }},
    {"retries", 0, "N", "Further attempts after a timeout or reset [1]", false, false,
     [](O& o, V v) { return set_number(v, 0, 20, o.retries); }},
    {"concurrency", 0, "N", "Connections waiting at once [1024]", false, false,
     [](O& o, V v) { return set_number(v, 1, 1'000'000, o.concurrency); }},
    {"resolver", 0, "IP[:PORT]", "Nameserver in place of the system's; repeatable", true, true,
     [](O& o, V v) { return take_server(v, o.resolvers); }},
    {"ca-file", 0, "FILE", "Trust store, before SSL_CERT_FILE, SSL_CERT_DIR and the system's", false, true,
     [](O& o, V v) { return set_text(v, o.ca_file); }},
    {"proxy", 0, "URL|none|env",
     "Proxy for HTTP(S) probes; env reads https_proxy, http_proxy, no_proxy [env]", false, true,
     [](O& o, V v) { return take_proxy(v, o.proxy); }},
    {"identity", 0, "HOW",
     "How to get tokens: auto, none, managed, service-principal, azure-cli or device-code [auto]", false,
     true, [](O& o, V v) { return set_word<IdentityChoice>(kIdentities, v, o.identity); }},
    {"live-requirements", 0, "",
     "Compare the plan with the workspace's own list of dependencies (needs an identity that may read it)",
     false, false, [](O& o, V v) { return o.live_requirements = v == "true", std::string(); }},
    {"no-follow-ups", 0, "", "Leave out the probes that tell look-alike causes apart", false, false,
     [](O& o, V v) { return o.follow_ups = v != "true", std::string(); }},
    {"wait", 0, "DUR", "Repeat what fails until required pass, or this time is over [0]", false, false,
     [](O& o, V v) { return set_duration(v, true, o.wait); }},
    {"fail-on", 0, "WHAT", "What makes the exit status 1: required, recommended, any or never [required]",
     false, false, [](O& o, V v) { return set_word<FailOn>(kFailOns, v, o.fail_on); }},
    {"verbose", 'v', "", "Every row, every fact, and the probe behind each", false, true,
     [](O& o, V v) { return o.verbosity += v == "true", std::string(); }},
    {"quiet", 'q', "", "Only the verdict", false, true,
     [](O& o, V v) { return o.verbosity = v == "true" ? -1 : o.verbosity, std::string(); }},
    {"color", 0, "WHEN", "auto, always or never; NO_COLOR is honoured [auto]", false, true,
     [](O& o, V v) { return set_word<When>(kWhens, v, o.color); }},
    {"progress", 0, "WHEN", "auto, always or never; to standard error [auto]", false, false,
     [](O& o, V v) { return set_word<When>(kWhens, v, o.progress); }},
};

constexpr OptionRow kListRows[] = {
    {"doc", 0, "NAME",
     "synapse-integration, on-premises-resources, authentication, virtual-network-2020 or "
     "inbound-outbound-traffic; repeatable",
     true, false, take_document},
    {"level", 0, "LEVEL", "required, recommended or optional; repeatable", true, false,
     [](O& o, V v) { return set_word<Level>(kLevels, v, o.levels.emplace_back()); }},
    {"compare", 0, "FILE",
     "Newer copies of the documentation, as Markdown: what they add, drop and change; --doc says of which "
     "document; further files may follow",
     true, false, [](O& o, V v) { return append_text(v, o.compared); }},
    {"format", 0, "FORMAT",
     "table, json or markdown; with --doc, markdown shows what covers each of its rows", false, false,
     [](O& o, V v) { return set_word<ListFormat>(list_formats(), v, o.list_format); }},
};

constexpr OptionRow kShowRows[] = {
    {"all", 0, "", "Every row, not only what is not a pass", false, false,
     [](O& o, V v) { return o.all = v == "true", std::string(); }},
};

constexpr OptionRow kFixRows[] = {
    {"format", 0, "FORMAT", "text, az-cli, bicep or terraform [text]", false, false,
     [](O& o, V v) { return set_word<FixFormat>(fix_formats(), v, o.fix_format); }},
};

constexpr OptionRow kBundleRows[] = {
    {"report", 0, "FILE", "Pack this saved report; nothing is probed", false, false,
     [](O& o, V v) { return set_text(v, o.report); }},
    {"output", 0, "FILE", "The bundle [amlnet-bundle-<time>.tar.gz]", false, false,
     [](O& o, V v) { return set_text(v, o.bundle); }},
    {"redact", 0, "WHAT",
     "secrets, names, addresses or all: what is taken out beside secrets, pseudonyms in its place [secrets]",
     false, false, take_redaction},
    {"upload", 0, "URL",
     "Send the bundle to a blob container, by the SAS in the URL or else an identity (--identity)", false,
     false, take_upload},
};

constexpr OptionRow kWatchRows[] = {
    {"interval", 0, "DUR", "From the start of one round to the next, a tenth more or less by chance [5m]",
     false, false, [](O& o, V v) { return set_duration(v, false, o.interval); }},
    {"listen", 0, "[ADDR:]PORT",
     "Serve /metrics, /report and /healthz over HTTP; a port alone is for this machine only, 0 one that is "
     "free; none serves nothing [none]",
     false, false, take_listen},
    {"verbose", 'v', "", "A line for every round, too", false, false,
     [](O& o, V v) { return o.verbosity += v == "true", std::string(); }},
};

constexpr OptionRow kListenRows[] = {
    {"ports", 0, "PORTS", "Ports and ranges to open, as 6105,20000-20009 [29876,29877,44224,22]", true, false,
     [](O& o, V v) { return take_ports(v, o.ports); }},
    {"for", 0, "DUR", "How long [10m]", false, false,
     [](O& o, V v) { return set_duration(v, false, o.listen_for); }},
};

constexpr OptionRow kReachRows[] = {
    {"ports", 0, "PORTS", "Ports and ranges to test, as 6105,20000-20009 [29876,29877,44224,22]", true, false,
     [](O& o, V v) { return take_ports(v, o.ports); }},
};

constexpr OptionRow kExplainRows[] = {
    {"report", 0, "FILE", "The report that findings are looked up in [the last one]", false, false,
     [](O& o, V v) { return set_text(v, o.report); }},
};

}  // namespace

std::span<const OptionRow> option_rows() {
  return kRows;
}

std::span<const OptionRow> own_option_rows(Command command) {
  if (command == Command::requirements) return kListRows;
  if (command == Command::show || command == Command::diagnose || command == Command::fleet) return kShowRows;
  if (command == Command::explain) return kExplainRows;
  if (command == Command::fix) return kFixRows;
  if (command == Command::bundle) return kBundleRows;
  if (command == Command::watch) return kWatchRows;
  if (command == Command::listen) return kListenRows;
  if (command == Command::reach) return kReachRows;
  return {};
}

}  // namespace amlnet
