#include "agent/workspace/read_file.h"

#include <filesystem>
#include <fstream>

namespace amlnet {

std::string read_file(const std::string& root, const std::string& path) {
  const std::filesystem::path full = std::filesystem::path(root) / path;
  std::error_code error;
  // A pipe in the place of a file would block for ever.
  if (!std::filesystem::is_regular_file(full, error)) return "";
  std::ifstream file(full, std::ios::binary);
  std::string text(1 << 20, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string read_line(const std::string& root, const std::string& path) {
  const std::string text = read_file(root, path);
  const std::string line = text.substr(0, text.find('\n'));
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace amlnet
