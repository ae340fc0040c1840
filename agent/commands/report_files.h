// Many saved reports, one after the other: files, folders, bundles, standard input. Used by the fleet
// command. Everything in them is hostile input: reading is bounded, and what cannot be read is told.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "agent/catalog/config_error.h"
#include "reports/model/report.h"

namespace amlnet {

/// The files that `words` stand for, in order, a folder's by name: what ends in .json, .tar.gz or .tgz, also
/// in folders below, and no hidden one. "-" is standard input. An error names a word that is neither file nor
/// folder.
std::variant<std::vector<std::string>, ConfigError> report_files(const std::vector<std::string>& words);

/// Takes the heads of the reports of a file (reports/model/head.h), or what is wrong with it. A file may hold
/// several, one after the other; after a malformed one the rest of the file is given up.
using TakeReport = std::function<void(const Report& report)>;
using TakeProblem = std::function<void(const std::string& problem)>;
void read_report_heads(const std::string& path, const TakeReport& report, const TakeProblem& problem);

}  // namespace amlnet
