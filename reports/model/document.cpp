// nlohmann's own parser would build an ordered object by looking through all its members for each new one,
// and has no bound on depth: a hostile file of some megabytes could stop us for hours. So its event interface
// is used, the tree is built here, and doubled members are found once for each object.
#include "reports/model/document.h"

#include <fmt/format.h>

#include <algorithm>

namespace amlnet {
namespace {

class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string_view text, const DocumentLimits& limits) : text_(text), limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& key) override {
    open_.back().key = std::move(key);
    return true;
  }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override {
    Container done = close();
    Json array = Json::array();
    auto& elements = array.get_ref<Json::array_t&>();
    elements.reserve(done.members.size());
    for (auto& [key, value] : done.members) elements.push_back(std::move(value));
    return add(std::move(array));
  }
  bool end_object() override {
    Container done = close();
    if (const std::string* twice = doubled(done)) {
      return refuse(fmt::format("{} is there twice", compact(Json(twice->substr(0, 80)))));
    }
    Json object = Json::object();
    auto& members = object.get_ref<Json::object_t&>();
    members.reserve(done.members.size());
    for (auto& [key, value] : done.members) members.emplace_back(std::move(key), std::move(value));
    return add(std::move(object));
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    const std::size_t end = std::min(position, text_.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    return refuse(fmt::format("line {}: not JSON", line));
  }

  Json root;
  std::string error;

 private:
  /// An array or object being read. Its members move cheaply, which those of an ordered object do not: their
  /// names are const, so that each growth would copy the whole tree below.
  struct Container {
    std::string key;  // of the member being read
    std::vector<std::pair<std::string, Json>> members;
  };

  bool refuse(std::string why) {
    if (error.empty()) error = std::move(why);
    return false;
  }

  bool add(Json value) {
    if (++values_ > limits_.values) return refuse(fmt::format("more than {} values", limits_.values));
    if (open_.empty()) {
      root = std::move(value);
    } else {
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  bool open() {
    if (open_.size() == limits_.depth) return refuse(fmt::format("more than {} levels", limits_.depth));
    open_.emplace_back();
    return true;
  }

  Container close() {
    Container done = std::move(open_.back());
    open_.pop_back();
    return done;
  }

  static const std::string* doubled(const Container& object) {
    std::vector<const std::string*> names;
    for (const auto& [name, value] : object.members) names.push_back(&name);
    std::ranges::sort(names, {}, [](const std::string* name) -> const std::string& { return *name; });
    const auto same = [](const std::string* a, const std::string* b) { return *a == *b; };
    const auto twice = std::ranges::adjacent_find(names, same);
    return twice == names.end() ? nullptr : *twice;
  }

  std::string_view text_;
  DocumentLimits limits_;
  std::vector<Container> open_;
  std::size_t values_ = 0;
};

/// Where the name or value that begins at `at` ends: at the ':', ',' or closing bracket after it.
std::size_t end_of_value(std::string_view json, std::size_t at) {
  int depth = 0;
  bool quoted = false;
  for (; at + 1 < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') quoted = !quoted;
    if (c == '\\') ++at;
    if (quoted) continue;
    if (depth == 0 && (c == ':' || c == ',' || c == '}' || c == ']')) break;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return at;
}

}  // namespace

std::variant<Json, DocumentError> parse_document(std::string_view text, const DocumentLimits& limits) {
  if (text.size() > limits.bytes) return DocumentError{fmt::format("larger than {} MiB", limits.bytes >> 20)};
  TreeBuilder builder(text, limits);
  if (!Json::sax_parse(text, &builder)) {
    return DocumentError{builder.error};
  }
  return std::move(builder.root);
}

void print(std::string& out, std::string_view json, int indent) {
  constexpr std::size_t kColumns = 140;
  const bool structured = json.front() == '{' || json.front() == '[';
  if (!structured || json.size() == 2 || json.size() + static_cast<std::size_t>(indent) <= kColumns) {
    out += json;
    return;
  }
  const std::string pad(static_cast<std::size_t>(indent) + 2, ' ');
  out += json.front();
  const char* separator = "\n";
  for (std::size_t at = 1; at < json.size();) {
    out += separator + pad;
    separator = ",\n";
    std::size_t end = end_of_value(json, at);
    if (json[end] == ':') {
      out += json.substr(at, end - at);
      out += ": ";
      at = end + 1;
      end = end_of_value(json, at);
    }
    print(out, json.substr(at, end - at), indent + 2);
    at = end + 1;
  }
  out += '\n' + pad.substr(2) + json.back();
}

}  // namespace amlnet
