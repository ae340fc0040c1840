// Reads and prints whole JSON documents. Reading is bounded, since reports are hostile input; printing puts
// what fits on one line. Used by the report's codec.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "reports/model/codec.h"

namespace amlnet {

/// Bounds of a document: 64 MiB of text, 64 levels, 8 million values. Beyond them it is refused, not cut.
struct DocumentLimits {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t depth = 64;
  std::size_t values = 8'000'000;
};

struct DocumentError {
  std::string text;  // "line 3: not JSON", "line 9: \"id\" is there twice"
};

/// Members keep their order; a member given twice is an error.
std::variant<Json, DocumentError> parse_document(std::string_view text, const DocumentLimits& limits = {});

/// Appends `json`, a value as write_json() writes it, indented by two from `indent` on; what fits in 140
/// columns stays on one line.
void print(std::string& out, std::string_view json, int indent);

}  // namespace amlnet
