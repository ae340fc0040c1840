// What is wrong with a file of configuration: catalogs and workspace files. Shown to people, status 2.
#pragma once

#include <string>

namespace amlnet {

/// One line for people: "FILE: requirements[3].level: expected required, recommended or optional, got
/// \"must\"".
struct ConfigError {
  std::string text;
  int line = 0;  // in the file, from 1; 0 where no line is to blame
};

}  // namespace amlnet
