// What `amlnet completion` prints: a script that teaches a shell the commands, the options and their words.
// It is written from the grammar itself, so that it cannot fall behind. Used by options.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/commands/option_table.h"
#include "agent/commands/options.h"

namespace amlnet {

struct CompletedOption {
  std::string name;  // "--timeout"
  char letter = 0;   // 'v', or 0
  std::string help;
  bool takes_value = false;
  bool takes_file = false;
  std::vector<std::string> words;  // the values there are, where that is a closed list
};

struct CompletedCommand {
  std::string name;
  std::string help;
  std::vector<CompletedOption> options;
  std::vector<std::string> words;  // what may stand after the command
};

/// The words of a closed list, read from the message that refuses a value: {"auto", "always", "never"} of
/// `expected auto, always or never, got "?"`. Empty where it asks for something else, such as a duration.
std::vector<std::string> words_in_message(std::string_view message);

CompletedOption completed(const OptionRow& row);

/// The names of the shells that `completion` knows.
std::vector<std::string> completed_shells();

/// The script for the one shell that `shells` must name; otherwise what to name, with status 2.
Notice completion(const std::vector<std::string>& shells, std::vector<CompletedCommand> commands);

}  // namespace amlnet
