// What each stage of an endpoint saw, in a word or two. Used by the writers that have a table of endpoints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"
#include "reports/model/report.h"

namespace amlnet {

/// What the probes of one kind say in a word or two: "9 ms" with its mark, "silent", "NXDOMAIN", "alert 112",
/// "403". Empty when none ran. `cause` is the finding's code, which knows when an answer is wrong though it
/// came.
struct Cell {
  std::string text;
  Status status = Status::unknown;
};
Cell cell_of(const std::vector<const ProbeRecord*>& probes, ProbeKind kind, std::string_view cause);

}  // namespace amlnet
