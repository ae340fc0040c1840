// Small files of the node, below a root that tests replace.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace amlnet {

/// What is left of an open file, at most `most` bytes. What ended it is in ferror().
std::string read_up_to(std::FILE* file, std::size_t most);

/// The content of root/path, at most 1 MiB of it; "" where it cannot be read.
std::string read_file(const std::string& root, const std::string& path);

/// The first line, without spaces at its ends.
std::string read_line(const std::string& root, const std::string& path);

}  // namespace amlnet
