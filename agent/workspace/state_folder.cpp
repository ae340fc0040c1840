#include "agent/workspace/state_folder.h"

namespace amlnet {

std::string state_folder(const std::map<std::string, std::string>& environment) {
  const auto value_of = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  if (const std::string state = value_of("XDG_STATE_HOME"); !state.empty()) return state + "/amlnet";
  const std::string home = value_of("HOME");
  return home.empty() ? "" : home + "/.local/state/amlnet";
}

}  // namespace amlnet
