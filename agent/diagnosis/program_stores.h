// Which verdicts of a handshake are those of other programs' trust stores. The run asks these about the first
// chain of each issuer only. Used by the rule and by `amlnet explain`. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "probes/record.h"

namespace amlnet {

/// The code of a store that could not be read.
inline constexpr int kUnreadableStore = -1;

/// Whether a store is a program's own, by the name that find_program_trust() gives it.
bool is_program_store(std::string_view name);

/// The verdicts of program stores, in their order; none where the handshake was not the first of its issuer.
std::vector<StoreVerdict> program_verdicts(const TlsDetail& tls);

}  // namespace amlnet
