// Runs one program without a shell, within bounds: no input, its output cut off, killed with all its children
// at the deadline. Used for the Azure CLI's session.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "probes/failure.h"
#include "probes/time.h"

namespace amlnet {

struct CommandSpec {
  std::vector<std::string> arguments;  // the program, looked for in PATH, and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // besides that of this process
  std::size_t output_limit = 65536;                              // bytes kept of each stream
};

struct CommandResult {
  int status = -1;  // exit status; -1 where it did not end by itself
  std::string output, errors;
  WireError error;  // could not be started, timed out, cancelled
};

/// Never throws. It inherits no descriptor and no held-back signal of ours.
asio::awaitable<CommandResult> run_program(asio::any_io_executor executor, CommandSpec spec,
                                           Deadline deadline);

}  // namespace amlnet
