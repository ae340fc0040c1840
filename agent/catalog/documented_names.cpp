#include "agent/catalog/documented_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace amlnet {
namespace {

constexpr std::size_t longest_name = 253;        // RFC 1035 section 2.3.4, in text
constexpr std::size_t longest_placeholder = 60;  // with its brackets

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// "br" of "<br>", "</br>" and "<br />": elements of HTML, which are no placeholders.
bool is_element(std::string_view inside) {
  constexpr std::array<std::string_view, 16> names{"a",  "b", "br",   "code", "div", "em", "i",  "li",
                                                   "ol", "p", "span", "sub",  "sup", "td", "tr", "ul"};
  if (inside.starts_with('/')) inside.remove_prefix(1);
  const std::string name = lower(inside.substr(0, inside.find_first_of(" /")));
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The domains that documentation names hosts in; other last labels are mostly those of files.
bool is_top_level(std::string_view label) {
  constexpr std::array<std::string_view, 16> names{"ai", "app", "cloud", "cn",  "co", "com", "dev", "edu",
                                                   "eu", "gov", "io",    "mil", "ms", "net", "org", "us"};
  return std::find(names.begin(), names.end(), label) != names.end();
}

bool is_host(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  const bool named = key.substr(key.starts_with("*.") ? 2 : 0).find('.') != key.npos;  // not "*.com"
  return named && dot > 0 && key.size() <= longest_name && is_top_level(key.substr(dot + 1)) &&
         key.find("..") == key.npos && key.find_first_not_of("*.") != key.npos;
}

/// Goes through Markdown and gathers the names in it.
class HostScanner {
 public:
  explicit HostScanner(std::string_view text) : text_(text) {}

  std::vector<PrintedHost> scan() {
    while (at_ < text_.size()) step();
    flush();
    return std::move(found_);
  }

 private:
  char next(std::size_t ahead = 1) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void step() {
    const char c = text_[at_];
    if (is_alnum(c) || c == '-' || c == '.') {
      name_ += c;
      ++at_;
    } else if (c == '\\' && next() == '*') {
      name_ += '*';
      at_ += 2;
    } else if (c == '\\') {
      ++at_;  // what stands behind it is itself
    } else if (c == '<' || c == '{') {
      placeholder(c == '<' ? '>' : '}');
    } else if (c == '*' || c == '_' || c == '`') {
      mark(c);
    } else if (c == ']' && next() == '(') {
      flush();
      skip_to(")");
    } else if (c == ':' && next() == '/' && next(2) == '/') {
      name_.clear();  // a scheme
      at_ += 3;
    } else {
      const bool path = c == '/' && !name_.empty();
      if (c == ':') read_port();
      flush();
      ++at_;
      if (path) skip_to(" \t`<,;|)");
    }
  }

  void placeholder(char close) {
    const std::size_t end = text_.substr(at_, longest_placeholder).find(close);
    std::string inside;
    if (end != text_.npos) inside = text_.substr(at_ + 1, end - 1);
    std::erase(inside, '\\');
    at_ += end == text_.npos ? 1 : end + 1;
    if (end == text_.npos || is_element(inside)) return flush();
    name_ += '<' + inside + '>';
  }

  /// A star, an underscore or a backtick: the beginning or end of code or emphasis, or a wildcard.
  void mark(char c) {
    if (c == '`') {
      flush();
      code_ = !code_;
      ++at_;
    } else if (c == '*' && (code_ || (next() == '.' && is_alnum(next(2))))) {
      name_ += c;
      ++at_;
    } else {
      flush();
      const bool twice = next() == c;
      if (twice) strong_ = !strong_;
      at_ += twice ? 2 : 1;
    }
  }

  void read_port() {
    std::uint32_t value = 0;
    for (std::size_t ahead = 1; ahead <= 5 && std::isdigit(static_cast<unsigned char>(next(ahead))); ++ahead)
      value = value * 10 + static_cast<std::uint32_t>(next(ahead) - '0');
    if (value <= 65535) port_ = static_cast<std::uint16_t>(value);
  }

  void skip_to(std::string_view ends) { at_ = std::min(text_.find_first_of(ends, at_), text_.size()); }

  void flush() {
    const std::size_t first = name_.find_first_not_of(".-");
    const std::size_t last = name_.find_last_not_of(".-");
    if (first != name_.npos) {
      const std::string host = name_.substr(first, last - first + 1);
      if (is_host(host_key(host))) found_.push_back({host, code_ || strong_, port_});
    }
    name_.clear();
    port_ = 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool code_ = false, strong_ = false;
  std::string name_;
  std::uint16_t port_ = 0;
  std::vector<PrintedHost> found_;
};

}  // namespace

std::vector<PrintedHost> hosts_in(std::string_view markdown) {
  return HostScanner(markdown).scan();
}

std::string host_key(std::string_view host) {
  std::string key, label;
  bool open = false;
  const auto end_label = [&] {
    const bool star = label.find_first_of("*<") != label.npos;
    // "*pytorch.org" is printed for "*.pytorch.org".
    const bool missing_dot = label.size() > 1 && label[0] == '*' && is_alnum(label[1]);
    const std::string text = missing_dot ? "*." + label.substr(1) : star ? "*" : label;
    if (!(text == "*" && key == "*")) key += (key.empty() ? "" : ".") + text;
    label.clear();
  };
  for (const char c : lower(host)) {
    open = c == '<' || (open && c != '>');
    if (c == '.' && !open) {
      end_label();
    } else {
      label += c;
    }
  }
  end_label();
  return key;
}

std::vector<std::string> tag_keys(std::string_view tag) {
  const std::string whole = lower(tag);
  const std::size_t dot = whole.find('.');
  if (dot == whole.npos) return {whole};
  return {whole, whole.substr(0, dot)};
}

namespace {

/// A tag as printed: a word, perhaps a dot and a region or a second word; "" for anything else.
std::string tag_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_alnum(text[end])) ++end;
  if (end == 0 || std::isdigit(static_cast<unsigned char>(text[0]))) return "";
  std::string tag(text.substr(0, end));
  if (end + 1 >= text.size() || text[end] != '.') return tag;
  std::size_t last = end + 1;
  const bool bracket = text[last] == '<';
  while (last < text.size() && (bracket ? text[last] != '>' : is_alnum(text[last]))) ++last;
  if (last - end > longest_placeholder || last == end + 1) return tag;
  return tag + std::string(text.substr(end, last - end)) + (bracket ? ">" : "");
}

}  // namespace

std::vector<std::string> tags_in(std::string_view markdown) {
  std::vector<std::string> tags;
  const auto add = [&](std::string_view text) {
    const std::string tag = tag_of(text);
    if (!tag.empty()) tags.push_back(tag);
  };
  std::size_t open = markdown.find('`');
  while (open != markdown.npos) {
    const std::size_t close = markdown.find('`', open + 1);
    if (close == markdown.npos) break;
    add(markdown.substr(open + 1, close - open - 1));
    open = markdown.find('`', close + 1);
  }
  const std::size_t first = markdown.find_first_not_of(" *_");
  if (tags.empty() && first != markdown.npos) add(markdown.substr(first));
  return tags;
}

}  // namespace amlnet
