// The folder in which commands keep what later ones read: the last report, and what watch has told. Pure.
#pragma once

#include <map>
#include <string>

namespace amlnet {

/// $XDG_STATE_HOME/amlnet, else ~/.local/state/amlnet (XDG Base Directory Specification); "" where neither
/// variable is set. An empty one counts as not set.
std::string state_folder(const std::map<std::string, std::string>& environment);

}  // namespace amlnet
