#include "agent/plan/glob.h"

namespace amlnet {

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0;
  // Where the last star stands, and the text it has swallowed so far: on a mismatch it swallows one more.
  std::size_t star = std::string_view::npos, swallowed = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      swallowed = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++swallowed;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace amlnet
