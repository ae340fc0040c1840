// The reports of many nodes as one: which causes hit which nodes, and which fact tells the nodes that are hit
// from the others. Reports are given one by one and forgotten, but for the facts and findings of each node.
// Used by the fleet command; fleet_json.cpp, fleet_text.cpp and html/fleet.cpp write it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "reports/file.h"
#include "reports/fleet_facts.h"
#include "reports/fleet_separators.h"
#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

struct FleetNode {
  std::string name;  // the host name, "run <id>" where it has none; two nodes may have the same
  std::string run_id, started;
  Verdict verdict = Verdict::incomplete;
  bool complete = true;
  std::vector<FactPlace> facts;         // in ascending order
  std::vector<std::uint32_t> findings;  // places in Fleet::findings, in ascending order
};

/// A root cause: findings of two nodes are the same where cause and subject are.
struct FleetFinding {
  std::string cause, subject;
  std::string title;                   // of the first node that has it
  Severity severity = Severity::info;  // the worst of any node
};

/// All nodes that one cause hits; `subject` is empty where the subjects differ.
struct FleetGroup {
  std::string cause, subject, title;
  Severity severity = Severity::info;
  std::vector<std::uint32_t> nodes;  // places in Fleet::nodes
  std::vector<Separator> separators;
  std::vector<FleetGroup> subjects;  // where there is more than one
};

/// A file that was not merged.
struct UnreadReport {
  std::string file, problem;
};

struct Fleet {
  std::vector<FleetNode> nodes;
  std::vector<FleetFact> facts;
  std::vector<FleetFinding> findings;
  std::vector<FleetGroup> causes;       // the worst first, then those that hit most nodes
  std::vector<Separator> separators;    // what tells the nodes that fail, by whatever cause, from the others
  std::array<std::size_t, 4> verdicts;  // how many nodes have each, in the order of Verdict
  std::size_t reports = 0;              // read, with those of `repeated`
  std::size_t repeated = 0;             // reports of a node of which there is a newer one
  std::size_t left_out = 0;             // facts and findings beyond the bounds
  std::vector<UnreadReport> unread;     // at most 1,000
  std::size_t unread_count = 0;
};

/// Takes reports and makes a fleet of them. Bounds, since reports are hostile input: 1,000 findings and 300
/// facts of a report, 200,000 different ones of each, texts of 300 bytes.
class FleetMerger {
 public:
  /// Of several reports of one node (host name and addresses) the newest counts.
  void add(const Report& report);
  void add_unread(std::string file, std::string problem);
  bool empty() const { return fleet_.nodes.empty(); }
  /// Leaves nothing behind.
  Fleet finish();

 private:
  std::vector<FactPlace> places_of(const std::vector<FleetFact>& facts);
  std::vector<std::uint32_t> places_of(const std::vector<Finding>& findings);

  Fleet fleet_{};
  std::unordered_map<std::string, std::uint32_t> by_identity_, by_run_, by_fact_, by_finding_;
};

/// For a terminal, ending in a newline.
std::string human_fleet(const Fleet& fleet, const HumanOptions& options);
/// One object, "amlnet.fleet/1"; the schema is installed with the program.
void write_fleet(const Fleet& fleet, const TextSink& sink);
/// One page, as strict as that of a report (html.h).
void write_fleet_html(const Fleet& fleet, const TextSink& sink);

/// The facts that are not the same for all nodes, by place.
std::vector<bool> varying_facts(const Fleet& fleet);

}  // namespace amlnet
