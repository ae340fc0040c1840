// Strict reading of a JSON tree: a cursor is a node, and what is wrong there goes to one log, which knows the
// way to every node. Fields reads an object and refuses the keys nobody asked for. The catalog and the
// workspace file read with these alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/json_tree.h"
#include "agent/catalog/words.h"

namespace amlnet {

/// Keeps the error that stands first in the file: people read files from the top.
class ErrorLog {
 public:
  /// `root` must outlive the log; the nodes that add() is given are in it.
  ErrorLog(std::string name, const JsonNode& root) : name_(std::move(name)), root_(root) {}
  /// "NAME: storage_accounts[0].access: WHAT". The path is looked for in the tree: of a file of 50,000
  /// entries almost none is ever needed.
  void add(const JsonNode& at, const std::string& what);
  const std::optional<ConfigError>& first() const { return first_; }

 private:
  std::string name_;
  const JsonNode& root_;
  std::optional<ConfigError> first_;
};

struct JsonCursor {
  const JsonNode* node = nullptr;
  ErrorLog* log = nullptr;

  /// Logs "PATH: WHAT".
  void reject(const std::string& what) const;
  /// Logs "PATH: expected WHAT, got SHOWN", with the nearest of `words` if the value is a text near to one.
  void expected(std::string_view what, std::span<const std::string_view> words = {}) const;
};

/// The members of one object. Every key that is asked for is a known one; done() rejects the rest, and then
/// what is missing: a key that was misspelt is unknown, not missing.
class Fields {
 public:
  /// Logs an error where the node is no object; then no key is found.
  explicit Fields(const JsonCursor& at);
  std::optional<JsonCursor> get(std::string_view key);
  /// As get(), and an error at done() where the key is missing.
  std::optional<JsonCursor> need(std::string_view key);
  void done() const;

 private:
  JsonCursor at_;
  std::vector<std::string_view> known_, missing_;
};

// Readers: true and `out` filled, or false and an error logged.
bool read_text(const JsonCursor& at, std::string& out);  // not empty
bool read_flag(const JsonCursor& at, bool& out);
bool read_port(const JsonCursor& at, std::uint16_t& out);  // 1..65535
/// One of `words`.
bool read_choice(const JsonCursor& at, std::span<const std::string_view> words, std::string& out);

template <class T>
bool read_word(const JsonCursor& at, std::span<const Word<T>> words, T& out) {
  const std::vector<std::string_view> texts = texts_of(words);
  std::string text;
  if (!read_choice(at, texts, text)) return false;
  out = *value_of(words, text);
  return true;
}

/// The elements of a list, if the node is one.
std::vector<JsonCursor> read_items(const JsonCursor& at);

/// A list of what `read` reads; what fails is left out, its error logged.
template <class T, class Read>
void read_list(const JsonCursor& at, std::vector<T>& out, Read read) {
  for (const JsonCursor& item : read_items(at)) {
    T value{};
    if (read(item, value)) out.push_back(std::move(value));
  }
}

/// Reads the member into `out`, where it is there. True when it was there and right.
template <class T, class Read>
bool take(Fields& fields, std::string_view key, T& out, Read read) {
  const std::optional<JsonCursor> at = fields.get(key);
  return at && read(*at, out);
}
template <class T, class Read>
bool take(Fields& fields, std::string_view key, std::optional<T>& out, Read read) {
  const std::optional<JsonCursor> at = fields.get(key);
  T value{};
  if (!at || !read(*at, value)) return false;
  out = std::move(value);
  return true;
}

/// Reads the member as a list, where it is there.
template <class T, class Read>
void take_list(Fields& fields, std::string_view key, std::vector<T>& out, Read read) {
  if (const std::optional<JsonCursor> at = fields.get(key)) read_list(*at, out, read);
}

}  // namespace amlnet
