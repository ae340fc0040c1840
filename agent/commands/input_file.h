// Files that a user names on the command line, read whole and bounded. The commands use it.
#pragma once

#include <string>
#include <variant>

#include "agent/catalog/config_error.h"

namespace amlnet {

/// The bytes of `path`, at most 8 MiB of them; more, or a file that cannot be read, is an error.
std::variant<std::string, ConfigError> read_input_file(const std::string& path);

}  // namespace amlnet
