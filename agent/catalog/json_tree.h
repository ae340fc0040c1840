// JSON with comments as a tree that knows its lines, for files that people write. Strict where a general
// parser is lenient: duplicate keys are errors, depth and size are bounded. The cursor (json_cursor.h) reads
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/catalog/config_error.h"

namespace amlnet {

struct JsonMember;

struct JsonNode {
  enum class Kind { null, flag, number, text, list, object };
  Kind kind = Kind::null;
  int line = 0;
  bool flag = false;
  bool whole = false;        // of a number: an integer that fits
  std::int64_t integer = 0;  // of a whole number
  std::string text;
  std::vector<JsonNode> items;
  std::vector<JsonMember> members;  // in the file's order
};

struct JsonMember {
  std::string key;
  JsonNode value;
};

/// Bounds of a file, with room for 50,000 custom endpoints: 8 MiB, 500,000 values, 32 levels of lists and
/// objects.
inline constexpr std::size_t max_config_bytes = 8 << 20;
inline constexpr std::size_t max_config_values = 500'000;
inline constexpr std::size_t max_config_depth = 32;

/// `name` is what errors call the file; syntax errors give line and column.
std::variant<JsonNode, ConfigError> parse_json(std::string_view text, const std::string& name);

}  // namespace amlnet
