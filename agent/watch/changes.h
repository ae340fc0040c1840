// What a round of watch tells: the differences between what was told before and the new report, one line
// each. Used by the watch command; pure. Which causes changed and which are noise, reports/diff decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

enum class ChangeKind {
  fact,
  verdict,
  cause_gone,
  cause_found,
  cause_changed,
  newly_failing,
  newly_passing,
  other_status
};
/// "newly failing", as lines begin.
std::string_view name_of(ChangeKind kind);

/// One thing that is not as it was, in words that may be shown: escaped, one line, at most 500 columns.
struct WatchChange {
  ChangeKind kind = ChangeKind::fact;
  std::string text;
};

/// What differs. Remarks (causes of severity info) and the node's interfaces, which come and go with
/// containers, are no changes.
std::vector<WatchChange> changes_between(const Report& before, const Report& after);

/// What is told where nothing was told before: the verdict, and what fails with its causes.
std::vector<WatchChange> first_changes(const Report& report);

/// `after`, with what it did not finish as it was `before`: requirements, and the causes that broke them.
/// That a round did not finish something, because its deadline came first or the process was kept from
/// running, is no change of it, nor of the verdict. What is taken over has no probes, since those are not in
/// this report.
Report carried_over(const Report& before, Report after);

}  // namespace amlnet
