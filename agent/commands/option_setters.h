// The text of an option into the place of its value. Each returns what is wrong with the text, in words that
// follow the option's name, or "". Used by the option table.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/words.h"

namespace amlnet {

/// "expected 500ms, got \"500\"".
std::string expected_but_got(std::string_view expected, std::string_view value);

/// One of the words; what is wrong tells the nearest one.
template <class T>
std::string set_word(std::span<const Word<T>> words, std::string_view value, T& out) {
  if (const std::optional<T> found = value_of(words, value)) {
    out = *found;
    return "";
  }
  const std::vector<std::string_view> texts = texts_of(words);
  const std::string near = nearest(value, texts);
  return expected_but_got(listed(texts), value) +
         (near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
}

/// As duration_of(); zero is one only where `zero` says so.
std::string set_duration(std::string_view value, bool zero, std::chrono::milliseconds& out);
/// From `least` to `most`.
std::string set_number(std::string_view value, int least, int most, int& out);
/// Anything but "".
std::string set_text(std::string_view value, std::string& out);
/// The same, behind those that are there.
std::string append_text(std::string_view value, std::vector<std::string>& out);

}  // namespace amlnet
