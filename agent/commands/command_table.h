// What --help says of each command, and how many words it takes beside its options: a row for each. Used by
// options.cpp.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "agent/commands/options.h"

namespace amlnet {

constexpr std::size_t kAnyWords = std::numeric_limits<std::size_t>::max();

struct CommandRow {
  Command command;
  std::string_view name, help;
  std::string_view example;   // command lines, each further one indented
  std::string_view statuses;  // what else is to be known, then the exit statuses; ends in a newline
  std::size_t least_words = 0, most_words = 0;
  std::string_view lacking;  // what is said where there are fewer
};

/// In the order of --help.
std::span<const CommandRow> command_rows();

}  // namespace amlnet
