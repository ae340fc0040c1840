// Reads what a report tells before its requirements, quickly: who ran where, and the findings. Requirements,
// certificates and probes, nine tenths of a report, are stepped over. The fleet reads ten thousand reports
// this way.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "reports/model/report.h"

namespace amlnet {

struct ReportHead {
  Report report;        // without requirements, certificates and probes
  std::size_t end = 0;  // where the report ends in the text: another may follow
};

/// `cut`: the text ends inside the report, so that more of it may mend this.
struct HeadError {
  std::string text;  // "findings[3].cause: expected a text, got 7"
  bool cut = false;
};

/// Of what is stepped over only strings and brackets are looked at; all else is read as strictly as by
/// read_report().
std::variant<ReportHead, HeadError> read_report_head(std::string_view json);

}  // namespace amlnet
