#include "agent/commands/command_table.h"

#include <array>

namespace amlnet {
namespace {

constexpr const char* kStatusesOfCheck =
    "Exit status: 0 nothing named by --fail-on failed, 1 something did, 2 usage or configuration,\n"
    "3 incomplete and nothing known has failed, 4 internal error.\n";
constexpr const char* kStatusesOfDiff =
    "Exit status: 0 nothing newly fails, 1 something does, 2 usage or unreadable report, 4 internal error.\n";
constexpr const char* kStatusesOfBundle =
    "The bundle is readable by you alone, and its manifest.json tells what is in it and what was removed.\n"
    "With --upload it stays here too. An upload that was cut goes on with --report BUNDLE --upload URL; it "
    "is\n"
    "given up where nothing got through for --deadline.\n"
    "Exit status: 0 written (and uploaded), whatever the check found, 1 written but not uploaded, 2 usage "
    "or\n"
    "configuration, 4 internal error, or something that had to be removed would have been in it.\n";
constexpr const char* kStatusesOfFleet =
    "Exit status: 0 done, 2 usage, or a report that cannot be read: all others are merged and written, and "
    "it is\n"
    "named in the output; 4 internal error.\n";
constexpr const char* kStatusesOfWatch =
    "Each change is told once, as a line on standard output: requirements that newly fail or pass, causes "
    "that\n"
    "are found, gone or others, facts that are others. A change is told by the first round that sees it; "
    "what one\n"
    "attempt of a probe missed is no change while --retries has another, and what a round did not finish "
    "stays\n"
    "as it was. What was told is kept in $STATE_DIRECTORY or $XDG_STATE_HOME/amlnet as watch.json, a report "
    "like\n"
    "any other, and not told again after a restart. SIGHUP asks for a round now (from a terminal, it ends "
    "the\n"
    "watch like SIGTERM and SIGINT do).\n"
    "Exit status: 0 stopped by a signal, 2 usage or configuration, 4 internal error, or the reader of the "
    "lines\n"
    "has gone.\n";
constexpr const char* kStatusesOfListen =
    "It answers amlnet reach and nobody else, with the ports it holds and the address it sees.\n"
    "Exit status: 0 the time is over, or a signal came; 2 usage, 4 internal error, or no port could be "
    "opened.\n";
constexpr const char* kStatusesOfReach =
    "Run amlnet listen on HOST first. What is open here is open from this node's address; rules whose source "
    "is\n"
    "a service tag have to be read. Without --ports, 22 and ports out of the documentation are optional.\n"
    "Exit status: 0 amlnet listen answers on each required port, 1 a port is blocked or cannot be reached, 2 "
    "usage\n"
    "or configuration, 3 undecided: nothing is blocked, and on a required port it does not listen, or "
    "another\n"
    "program answers; 4 internal error.\n";
constexpr const char* kStatuses = "Exit status: 0 done, 2 usage or configuration, 4 internal error.\n";
constexpr const char* kStatusesOfRequirements =
    "Exit status: 0 done, 1 --compare found a difference, 2 usage, configuration or a file that cannot be\n"
    "compared, 4 internal error.\n";

constexpr std::array<CommandRow, 14> kRows{{
    {Command::check, "check", "Discover, plan, probe, diagnose, report",
     "amlnet check --config amlnet.json --format human --format json --output report.json", kStatusesOfCheck,
     0, 0, ""},
    {Command::plan, "plan", "The requirements that apply and why; no probe is sent",
     "amlnet plan --offline --region eastus2 --compute cluster", kStatuses, 0, 0, ""},
    {Command::diagnose, "diagnose", "The rules again on a saved report's probes; nothing is sent",
     "amlnet diagnose report.json --format json --output again.json", kStatusesOfCheck, 0, 1, ""},
    {Command::requirements, "requirements", "What the documentation requires, of every node there is",
     "amlnet requirements --cloud usgov --compute instance --level required", kStatusesOfRequirements, 0, 0,
     ""},
    {Command::explain, "explain",
     "What requirements, causes and the findings of a report mean, and what to change",
     "amlnet explain storage.ws.blob dns.servfail 1", kStatuses, 1, kAnyWords,
     "explain: expected a requirement, a cause code or a finding, as storage.ws.blob or 1"},
    {Command::fix, "fix", "The failures of a saved report as rules to apply",
     "amlnet fix --format bicep report.json > rules.bicep", kStatuses, 0, 1, ""},
    {Command::show, "show", "A saved report again, in any format",
     "amlnet show report.json --format html --output report.html", kStatuses, 0, 1, ""},
    {Command::diff, "diff", "What newly fails or passes between two saved reports, and which causes changed",
     "amlnet diff yesterday.json today.json", kStatusesOfDiff, 2, 2,
     "diff: expected two reports, the old one and the new one"},
    {Command::fleet, "fleet",
     "Many saved reports as one: which causes hit which nodes, and what separates them",
     "amlnet fleet reports/ --format html --output fleet.html\n"
     "  for n in $NODES; do ssh $n amlnet check --format json; done | amlnet fleet -",
     kStatusesOfFleet, 1, kAnyWords,
     "fleet: expected reports: files, folders with them, or - for standard input"},
    {Command::bundle, "bundle",
     "A support bundle: a check's report with what belongs to it, redacted, as .tar.gz",
     "amlnet bundle --redact all --output bundle.tar.gz\n"
     "  amlnet bundle --report report.json --redact names\n"
     "  AMLNET_UPLOAD='https://stws1.blob.core.windows.net/support?sv=...&sig=...' amlnet bundle",
     kStatusesOfBundle, 0, 0, ""},
    {Command::watch, "watch", "The check again and again; only what changes is told",
     "amlnet watch --interval 5m --listen 9815", kStatusesOfWatch, 0, 0, ""},
    {Command::listen, "listen",
     "Opens the documented inbound ports for a while, for amlnet reach on another node",
     "amlnet listen --for 5m\n"
     "  amlnet listen --ports 6105,20000-20009",
     kStatusesOfListen, 0, 0, ""},
    {Command::reach, "reach",
     "Whether the inbound ports of another node, on which amlnet listen runs, are open from here",
     "amlnet reach 10.0.1.8 --format human --format json --output reach.json\n"
     "  amlnet reach ci2 --ports 6105,20000-20009",
     kStatusesOfReach, 1, 1,
     "reach: expected the other node, by name or address, as 10.0.1.8; amlnet listen runs there"},
    {Command::completion, "completion", "Prints completions for bash, fish or zsh",
     "amlnet completion bash > ~/.local/share/bash-completion/completions/amlnet", kStatuses, 0, kAnyWords,
     ""},
}};

}  // namespace

std::span<const CommandRow> command_rows() {
  return kRows;
}

}  // namespace amlnet
