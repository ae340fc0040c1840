#include "agent/commands/input_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "agent/catalog/json_tree.h"
#include "agent/workspace/read_file.h"

namespace amlnet {

std::variant<std::string, ConfigError> read_input_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return ConfigError{path + ": cannot read: " + std::strerror(errno)};
  std::string text = read_up_to(file.get(), max_config_bytes + 1);
  if (std::ferror(file.get()) != 0) return ConfigError{path + ": cannot read: " + std::strerror(errno)};
  if (text.size() > max_config_bytes) return ConfigError{path + ": larger than 8 MiB"};
  return text;
}

}  // namespace amlnet
