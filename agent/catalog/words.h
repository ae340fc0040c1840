// Closed lists of words: the text of an enumerator and back, how a message lists them, and the nearest
// spelling of a word that is none of them. The catalog, the workspace file and the options use it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

template <class T>
struct Word {
  std::string_view text;
  T value;
};

/// The text of `value`, "" where the list lacks it.
template <class T>
std::string_view text_of(std::span<const Word<T>> words, T value) {
  for (const Word<T>& word : words) {
    if (word.value == value) return word.text;
  }
  return "";
}

template <class T>
std::optional<T> value_of(std::span<const Word<T>> words, std::string_view text) {
  for (const Word<T>& word : words) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

template <class T>
std::vector<std::string_view> texts_of(std::span<const Word<T>> words) {
  std::vector<std::string_view> texts;
  for (const Word<T>& word : words) texts.push_back(word.text);
  return texts;
}

/// "public, usgov or china".
std::string listed(std::span<const std::string_view> words);

/// The candidate that is at most two edits from `typed` (three in words of eight letters or more), edits
/// being insert, drop, replace and swap of neighbours (Damerau-Levenshtein, restricted). "" where none is
/// that near. Case is ignored.
std::string nearest(std::string_view typed, std::span<const std::string_view> candidates);

/// `text` fit for a terminal: at most `limit` bytes of it, what is not printable ASCII written as \xHH.
std::string printable(std::string_view text, std::size_t limit = 60);

}  // namespace amlnet
