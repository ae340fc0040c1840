// Reports that were written before, read back. Used by the commands that take a REPORT. Everything in such a
// file is hostile input: reading is bounded and strict.
#pragma once

#include <string>
#include <variant>

#include "agent/catalog/config_error.h"
#include "reports/model/report.h"

namespace amlnet {

struct SavedReport {
  std::string path;  // "-" is standard input
  Report report;
};

/// Reads the report at `path`, also out of a bundle; "" is the last one that `check` kept. An error names the
/// file, the place, and what was expected there.
std::variant<SavedReport, ConfigError> read_saved(const std::string& path);

}  // namespace amlnet
