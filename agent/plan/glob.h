// Globs: requirement ids (--only and --skip), and hosts in NO_PROXY.
#pragma once

#include <string_view>

namespace amlnet {

/// `*` stands for any run of characters, dots too, `?` for one; the rest for itself. Linear in the text's
/// length for each star, whatever the pattern.
bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace amlnet
