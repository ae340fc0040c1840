// One variable of this process's environment. Used where trust stores are looked for.
#pragma once

#include <cstdlib>
#include <string>

namespace amlnet {

/// Its value, "" where it is not set. Not safe while another thread changes the environment.
inline std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace amlnet
