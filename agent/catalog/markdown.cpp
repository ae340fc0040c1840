#include "agent/catalog/markdown.h"

#include <algorithm>

namespace amlnet {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// A line without its indent and the marks of quotations before it: "> > | a | b |".
std::string_view content_of(std::string_view line) {
  line = trimmed(line);
  while (line.starts_with('>')) line = trimmed(line.substr(1));
  return line;
}

/// "| --- |:---:|", which makes the line above it the header of a table.
bool is_delimiter(std::string_view line) {
  return line.find_first_not_of("|-: \t") == std::string_view::npos && line.find('|') != line.npos &&
         line.find('-') != line.npos;
}

/// The cells between pipes; a pipe behind a backslash is part of its cell.
std::vector<std::string> cells_of(std::string_view line) {
  if (line.starts_with('|')) line.remove_prefix(1);
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '|') {
      cells.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      if (line[i + 1] != '|') cells.back() += line[i];
      cells.back() += line[++i];
    } else {
      cells.back() += line[i];
    }
  }
  for (std::string& cell : cells) cell = trimmed(cell);
  if (cells.size() > 1 && cells.back().empty()) cells.pop_back();
  return cells;
}

/// The text of "* text", "- text" or "1. text"; "" for anything else.
std::string_view item_text(std::string_view line) {
  if (line.size() > 1 && (line[0] == '*' || line[0] == '-' || line[0] == '+') && line[1] == ' ')
    return trimmed(line.substr(2));
  const std::size_t digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == line.npos || digits > 9) return "";
  const bool numbered = line.substr(digits).starts_with(". ") || line.substr(digits).starts_with(") ");
  return numbered ? trimmed(line.substr(digits + 2)) : "";
}

/// Goes through the lines with what it knows of the ones before.
class PageReader {
 public:
  void line(std::string_view raw) {
    ++number_;
    if (front_matter(raw)) return;
    const std::string_view line = content_of(raw);
    if (fence(line)) return;
    if (line.starts_with('#')) heading(line);
    if (line == "---") tab_.clear();
    table_line(line);
    const std::string_view item = item_text(line);
    if (!item.empty()) page_.items.push_back({number_, std::string(item)});
    before_ = line;
  }

  MarkdownPage page() { return std::move(page_); }

 private:
  bool front_matter(std::string_view raw) {
    const std::string_view text = trimmed(raw);
    if (number_ == 1 && text == "---") return in_front_ = true;
    if (!in_front_) return false;
    if (text == "---") in_front_ = false;
    if (text.starts_with("title:")) add_title(trimmed(text.substr(6)));
    return true;
  }

  /// True inside fenced code and on its fences.
  bool fence(std::string_view line) {
    const bool mark = line.starts_with("```") || line.starts_with("~~~");
    if (mark) in_code_ = !in_code_;
    if (mark || in_code_) in_table_ = false;
    return mark || in_code_;
  }

  void heading(std::string_view line) {
    const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
    const std::string_view text = trimmed(line.substr(level));
    const std::size_t tab = text.find("](#tab/");
    if (tab != text.npos && text.starts_with('[')) {
      tab_ = text.substr(1, tab - 1);
      return;
    }
    tab_.clear();
    if (level != 1 || seen_heading_) return;
    seen_heading_ = true;
    // An anchor may stand before the words.
    const std::size_t anchor = text.starts_with("<a ") ? text.find("</a>") : text.npos;
    add_title(anchor == text.npos ? text : trimmed(text.substr(anchor + 4)));
  }

  void add_title(std::string_view title) {
    if (title.size() > 1 && (title[0] == '\'' || title[0] == '"')) title = title.substr(1, title.size() - 2);
    if (!title.empty()) page_.titles.emplace_back(title);
  }

  void table_line(std::string_view line) {
    const bool piped = line.find('|') != line.npos;
    if (!piped) {
      in_table_ = false;
    } else if (in_table_) {
      if (!is_delimiter(line)) page_.tables.back().rows.push_back({number_, cells_of(line)});
    } else if (is_delimiter(line) && before_.find('|') != before_.npos) {
      page_.tables.push_back({cells_of(before_), {}, tab_});
      in_table_ = true;
    }
  }

  MarkdownPage page_;
  int number_ = 0;
  bool in_front_ = false, in_code_ = false, in_table_ = false, seen_heading_ = false;
  std::string tab_;
  std::string_view before_;
};

}  // namespace

MarkdownPage read_markdown(std::string_view text) {
  PageReader reader;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.page();
}

}  // namespace amlnet
