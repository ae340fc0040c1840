#include "agent/catalog/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace amlnet {
namespace {

constexpr std::size_t longest_word = 64;  // beyond it nothing is near, and the table stays small

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string nearest(std::string_view typed, std::span<const std::string_view> candidates) {
  if (typed.size() > longest_word) return "";
  std::string_view best;
  std::size_t best_edits = typed.size() >= 8 ? 4 : 3;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edits(typed, candidate);
    // A word of which nothing would be left is not a misspelling.
    if (distance >= best_edits || distance >= candidate.size() || distance >= typed.size()) continue;
    best = candidate;
    best_edits = distance;
  }
  return std::string(best);
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string shown;
  for (char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return text.size() > limit ? shown + "..." : shown;
}

}  // namespace amlnet
