// One connection that came in while `amlnet listen` listens, as plain data. Shown by the command.
#pragma once

#include <cstdint>
#include <string>

namespace amlnet {

/// What a peer did with its connection.
enum class VisitKind {
  asked,        // as `amlnet reach` asks; it got the answer
  other,        // said something else, and got nothing
  silent,       // said nothing
  turned_away,  // one too many at a time
};

struct Visit {
  std::string from;  // "10.0.1.7:40312"
  std::uint16_t port = 0;
  VisitKind kind = VisitKind::silent;
};

}  // namespace amlnet
