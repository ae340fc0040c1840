#include "agent/catalog/json_cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace amlnet {
namespace {

std::string shown(const JsonNode& node) {
  switch (node.kind) {
    case JsonNode::Kind::null:
      return "null";
    case JsonNode::Kind::flag:
      return node.flag ? "true" : "false";
    case JsonNode::Kind::number:
      return node.whole ? std::to_string(node.integer) : "a number with a fraction or out of range";
    case JsonNode::Kind::text:
      return fmt::format("\"{}\"", printable(node.text));
    case JsonNode::Kind::list:
      return "a list";
    case JsonNode::Kind::object:
      return "an object";
  }
  return "";
}

/// Puts the way from `from` to `to` at the end of `path`: "storage_accounts[0].access". False where `to` is
/// not there; then `path` is as it was.
bool find_path(const JsonNode& from, const JsonNode& to, std::string& path) {
  if (&from == &to) return true;
  const std::size_t length = path.size();
  for (const auto& [key, node] : from.members) {
    path += (length == 0 ? "" : ".") + printable(key);
    if (find_path(node, to, path)) return true;
    path.resize(length);
  }
  for (std::size_t i = 0; i < from.items.size(); ++i) {
    path += fmt::format("[{}]", i);
    if (find_path(from.items[i], to, path)) return true;
    path.resize(length);
  }
  return false;
}

}  // namespace

void ErrorLog::add(const JsonNode& at, const std::string& what) {
  if (first_ && first_->line <= at.line) return;
  std::string path;
  find_path(root_, at, path);
  first_ = ConfigError{
      path.empty() ? fmt::format("{}: {}", name_, what) : fmt::format("{}: {}: {}", name_, path, what),
      at.line};
}

void JsonCursor::reject(const std::string& what) const {
  log->add(*node, what);
}

void JsonCursor::expected(std::string_view what, std::span<const std::string_view> words) const {
  const std::string near = node->kind == JsonNode::Kind::text ? nearest(node->text, words) : "";
  const std::string hint = near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
  reject(fmt::format("expected {}, got {}{}", what, shown(*node), hint));
}

Fields::Fields(const JsonCursor& at) : at_(at) {
  if (at.node->kind != JsonNode::Kind::object) at.expected("an object");
}

std::optional<JsonCursor> Fields::get(std::string_view key) {
  known_.push_back(key);
  for (const auto& [name, node] : at_.node->members) {
    if (name == key) return JsonCursor{&node, at_.log};
  }
  return std::nullopt;
}

std::optional<JsonCursor> Fields::need(std::string_view key) {
  std::optional<JsonCursor> found = get(key);
  if (!found && at_.node->kind == JsonNode::Kind::object) missing_.push_back(key);
  return found;
}

void Fields::done() const {
  bool unknown = false;
  for (const auto& [name, node] : at_.node->members) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::string near = nearest(name, known_);
    const std::string hint = near.empty() ? fmt::format("; expected {}", listed(known_))
                                          : fmt::format("; did you mean \"{}\"?", near);
    at_.log->add(node, "unknown key" + hint);
    unknown = true;
  }
  if (unknown) return;
  for (std::string_view key : missing_) at_.reject(fmt::format("\"{}\" is missing", key));
}

bool read_text(const JsonCursor& at, std::string& out) {
  if (at.node->kind != JsonNode::Kind::text || at.node->text.empty()) {
    at.expected("a text");
    return false;
  }
  out = at.node->text;
  return true;
}

bool read_flag(const JsonCursor& at, bool& out) {
  if (at.node->kind != JsonNode::Kind::flag) {
    at.expected("true or false");
    return false;
  }
  out = at.node->flag;
  return true;
}

bool read_port(const JsonCursor& at, std::uint16_t& out) {
  if (at.node->kind != JsonNode::Kind::number || !at.node->whole || at.node->integer < 1 ||
      at.node->integer > 65535) {
    at.expected("a port from 1 to 65535");
    return false;
  }
  out = static_cast<std::uint16_t>(at.node->integer);
  return true;
}

bool read_choice(const JsonCursor& at, std::span<const std::string_view> words, std::string& out) {
  const bool is_text = at.node->kind == JsonNode::Kind::text;
  if (!is_text || std::find(words.begin(), words.end(), at.node->text) == words.end()) {
    at.expected(listed(words), words);
    return false;
  }
  out = at.node->text;
  return true;
}

std::vector<JsonCursor> read_items(const JsonCursor& at) {
  std::vector<JsonCursor> items;
  if (at.node->kind != JsonNode::Kind::list) {
    at.expected("a list");
    return items;
  }
  for (const JsonNode& item : at.node->items) items.push_back({&item, at.log});
  return items;
}

}  // namespace amlnet
