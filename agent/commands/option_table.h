// Every option once: its name, its help, and what its value does. The grammar, the environment variables and
// the messages all come from this table. Used by options.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/commands/options.h"

namespace amlnet {

/// Puts `value` into `options`. What is wrong with it is returned: "expected 500ms, 5s or 2m", else "".
using OptionSetter = std::string (*)(CheckOptions& options, std::string_view value);

struct OptionRow {
  std::string_view name;   // "timeout", without dashes; the variable is AMLNET_TIMEOUT
  char letter;             // 'v', or 0
  std::string_view value;  // "DUR" in the help; "" for a flag, whose setter gets "true"
  std::string_view help;
  bool repeats;   // may be given again, each adds; variables hold a list with commas
  bool for_plan;  // `plan` has it too
  OptionSetter set;
};

std::span<const OptionRow> option_rows();

/// Those that a command has of its own, beside the ones of `check` that it takes.
std::span<const OptionRow> own_option_rows(Command command);

}  // namespace amlnet
