// Options as they were given, by the command line or by the environment, before anything is made of their
// values. Used by options.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/commands/option_table.h"

namespace amlnet {

struct GivenOption {
  const OptionRow* row;
  std::string value;
  std::string origin;  // "--timeout", "AMLNET_TIMEOUT"
};

/// Whether the option `name` is among them.
bool is_given(const std::vector<GivenOption>& line, std::string_view name);

/// What the environment gives of the options in `rows`, which are those of `command`, where `line` is silent.
/// AMLNET_FORMAT and AMLNET_OUTPUT are two lists that belong together: the first file to the first format;
/// they are not looked at where they name formats that other commands have.
std::vector<GivenOption> given_by_environment(Command command, const std::vector<const OptionRow*>& rows,
                                              const std::vector<GivenOption>& line,
                                              const Environment& environment);

}  // namespace amlnet
