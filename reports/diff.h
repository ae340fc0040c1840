// What differs between two reports, without the noise: durations, order, ids and the numbers of findings are
// not looked at. Used by the diff command; diff_text.cpp writes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

/// A requirement whose status, or the set of its failing endpoints, is another one.
struct RequirementChange {
  std::string id, title;
  Level level = Level::required;
  std::optional<Status> before, after;          // absent where that report does not have it
  std::vector<std::string> now_fail, now_pass;  // endpoints, "host:port"
};

/// A root cause: findings are the same where cause and subject are.
struct CauseChange {
  enum class Kind { appeared, gone, changed } kind = Kind::changed;
  std::string cause, subject, title;
  Severity severity = Severity::info;
  std::vector<std::string> notes;  // of a changed one: "likely -> certain", "also breaks storage.ws.file"
};

/// A fact of node, workspace or program: why the reports may differ though nothing broke.
struct FactChange {
  std::string name, before, after;  // "" where it is not there
};

struct ReportDiff {
  Verdict before = Verdict::pass, after = Verdict::pass;
  std::vector<RequirementChange> failing;  // newly, as a whole or by a further endpoint
  std::vector<RequirementChange> passing;  // newly
  std::vector<RequirementChange> other;    // to or from unknown and skipped, appeared, gone
  std::vector<CauseChange> causes;
  std::vector<FactChange> facts;
};

ReportDiff compare_reports(const Report& before, const Report& after);

/// For a terminal, ending in a newline.
std::string human_diff(const ReportDiff& diff, const Report& before, const Report& after,
                       const HumanOptions& options);
/// One object, "amlnet.diff/1".
std::string diff_json(const ReportDiff& diff, const Report& before, const Report& after);

}  // namespace amlnet
