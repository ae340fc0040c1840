// What watch has told, kept over restarts: the last report, with what that did not finish as it was before.
// Used by the watch command.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "reports/model/report.h"

namespace amlnet {

/// Where it is kept: watch.json in $STATE_DIRECTORY, as systemd sets it, else in state_folder(); "" where
/// there is none.
std::string watch_state_path(const std::map<std::string, std::string>& environment);

struct WatchState {
  std::optional<Report> told;
  std::string problem;  // why the file that is there cannot be used; "" where all is well
};
/// No file is no problem.
WatchState read_watch_state(const std::string& path);

/// Replaces the file whole or not at all, mode 0600. Returns what went wrong.
std::optional<std::string> keep_watch_state(const std::string& path, const Report& told);

}  // namespace amlnet
