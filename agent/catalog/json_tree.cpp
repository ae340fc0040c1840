// The parser is nlohmann's; its events do not say where they are. So it reads through an iterator that counts
// lines, and each event takes the count of its moment: exact for keys and strings, which is what errors point
// at.
#include "agent/catalog/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "agent/catalog/words.h"

namespace amlnet {
namespace {

constexpr std::size_t max_keys = 1000;  // of one object; duplicates are searched one by one

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  int* line_;
};

/// Line and column, from 1, of the byte at `offset`.
std::pair<int, std::size_t> place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  return {static_cast<int>(line),
          start == std::string_view::npos ? before.size() + 1 : before.size() - start};
}

/// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." -> "syntax error ..."
std::string reason_of(std::string_view what) {
  const std::size_t colon = what.find(": ");
  return printable(colon == std::string_view::npos ? what : what.substr(colon + 2), 240);
}

/// Receives the parser's events and builds the tree. Returning false stops the parser.
class Builder {
 public:
  Builder(std::string name, std::string_view text, const int& line)
      : name_(std::move(name)), text_(text), line_(line) {}

  using Json = nlohmann::json;
  bool null() { return bounded(add(JsonNode::Kind::null)); }
  bool boolean(bool value) {
    JsonNode* node = add(JsonNode::Kind::flag);
    node->flag = value;
    return bounded(node);
  }
  bool number_integer(Json::number_integer_t value) { return whole(value); }
  bool number_unsigned(Json::number_unsigned_t value) {
    return value <= static_cast<Json::number_unsigned_t>(INT64_MAX) ? whole(static_cast<std::int64_t>(value))
                                                                    : bounded(add(JsonNode::Kind::number));
  }
  bool number_float(Json::number_float_t, const std::string&) { return bounded(add(JsonNode::Kind::number)); }
  bool string(std::string& value) {
    JsonNode* node = add(JsonNode::Kind::text);
    node->text = std::move(value);
    return bounded(node);
  }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonNode::Kind::object); }
  bool start_array(std::size_t) { return open(JsonNode::Kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& value) {
    const auto& members = open_.back()->members;
    if (members.size() == max_keys) return refuse(fmt::format("more than {} keys in one object", max_keys));
    const bool taken =
        std::any_of(members.begin(), members.end(), [&](const auto& member) { return member.key == value; });
    if (taken) return refuse(fmt::format("the key \"{}\" stands twice in one object", printable(value)));
    open_.back()->members.push_back({value, JsonNode{}});
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& cause) {
    if (error) return false;
    const auto [line, column] = place_of(text_, position > 0 ? position - 1 : 0);
    error = ConfigError{
        fmt::format("{}: line {}, column {}: {}", name_, line, column, reason_of(cause.what())), line};
    return false;
  }

  JsonNode root;
  std::optional<ConfigError> error;

 private:
  JsonNode* add(JsonNode::Kind kind) {
    JsonNode* node = &root;
    if (!open_.empty()) {
      JsonNode& parent = *open_.back();
      if (parent.kind == JsonNode::Kind::list) parent.items.emplace_back();
      node = parent.kind == JsonNode::Kind::list ? &parent.items.back() : &parent.members.back().value;
    }
    node->kind = kind;
    node->line = line_;
    return node;
  }

  bool whole(std::int64_t value) {
    JsonNode* node = add(JsonNode::Kind::number);
    node->whole = true;
    node->integer = value;
    return bounded(node);
  }

  bool bounded(const JsonNode*) {
    return ++values_ <= max_config_values || refuse(fmt::format("more than {} values", max_config_values));
  }

  bool open(JsonNode::Kind kind) {
    if (open_.size() == max_config_depth)
      return refuse(fmt::format("nested more than {} deep", max_config_depth));
    open_.push_back(add(kind));
    return bounded(open_.back());
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  bool refuse(const std::string& why) {
    error = ConfigError{fmt::format("{}: line {}: {}", name_, line_, why), line_};
    return false;
  }

  std::string name_;
  std::string_view text_;
  const int& line_;
  std::size_t values_ = 0;
  // Children that are open; a parent's vectors do not grow while one of its children is.
  std::vector<JsonNode*> open_;
};

}  // namespace

std::variant<JsonNode, ConfigError> parse_json(std::string_view text, const std::string& name) {
  if (text.size() > max_config_bytes) {
    return ConfigError{fmt::format("{}: larger than {} bytes", name, max_config_bytes), 0};
  }
  int line = 1;
  Builder builder(name, text, line);
  const CountingIterator begin(text.data(), &line), end(text.data() + text.size(), &line);
  const bool done =
      nlohmann::json::sax_parse(begin, end, &builder, nlohmann::json::input_format_t::json, true, true);
  if (builder.error) return *builder.error;
  if (!done) return ConfigError{fmt::format("{}: cannot be read as JSON", name), line};
  return std::move(builder.root);
}

}  // namespace amlnet
