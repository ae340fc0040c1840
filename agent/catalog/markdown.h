// The part of Markdown that documentation keeps its requirements in: titles, tables, list items, and the tabs
// that divide clouds. Comparing the catalog with newer documentation reads pages with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

struct MarkdownRow {
  int line = 0;                    // from 1
  std::vector<std::string> cells;  // still Markdown
};

struct MarkdownTable {
  std::vector<std::string> header;
  std::vector<MarkdownRow> rows;
  std::string tab;  // the heading of the tab it stands in, "Azure Government"; "" outside of tabs
};

struct MarkdownItem {
  int line = 0;
  std::string text;  // of one list item, its first line, without the bullet
};

struct MarkdownPage {
  std::vector<std::string> titles;  // of the front matter and of the first heading, where they are there
  std::vector<MarkdownTable> tables;
  std::vector<MarkdownItem> items;
};

/// Reads `text`, whatever it holds, in time linear in its length. What stands in fenced code is no table and
/// no item.
MarkdownPage read_markdown(std::string_view text);

}  // namespace amlnet
