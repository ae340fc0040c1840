// Small files of the node, below a root that tests replace.
#pragma once

#include <string>

namespace amlnet {

/// The content of root/path, at most 1 MiB of it; "" where it cannot be read.
std::string read_file(const std::string& root, const std::string& path);

/// The first line, without spaces at its ends.
std::string read_line(const std::string& root, const std::string& path);

}  // namespace amlnet
