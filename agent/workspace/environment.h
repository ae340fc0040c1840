// The environment of this process as a value.
#pragma once

#include <map>
#include <string>

namespace amlnet {

/// Every variable of the process. Not safe while another thread changes the environment.
std::map<std::string, std::string> environment();

}  // namespace amlnet
