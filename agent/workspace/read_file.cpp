#include "agent/workspace/read_file.h"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace amlnet {
namespace {
constexpr std::size_t kLargest = std::size_t{1} << 20;
}

// Piece by piece: the files are small, and for one below /proc/sys the kernel allocates as much as is asked
// for.
std::string read_up_to(std::FILE* file, std::size_t most) {
  std::string text;
  char piece[4096];
  while (text.size() < most) {
    const std::size_t got = std::fread(piece, 1, std::min(sizeof piece, most - text.size()), file);
    if (got == 0) break;
    text.append(piece, got);
  }
  return text;
}

std::string read_file(const std::string& root, const std::string& path) {
  const std::filesystem::path full = std::filesystem::path(root) / path;
  std::error_code error;
  // A pipe in the place of a file would block for ever.
  if (!std::filesystem::is_regular_file(full, error)) return "";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(full.c_str(), "rb"), std::fclose);
  return file ? read_up_to(file.get(), kLargest) : "";
}

std::string read_line(const std::string& root, const std::string& path) {
  const std::string text = read_file(root, path);
  const std::string line = text.substr(0, text.find('\n'));
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace amlnet
