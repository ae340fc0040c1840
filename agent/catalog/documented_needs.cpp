#include "agent/catalog/documented_needs.h"

#include <algorithm>
#include <cctype>

namespace amlnet {
namespace {

enum class Column { other, tag, host, ports, protocol, source, destination };

struct ColumnMeaning {
  Column column = Column::other;
  std::optional<Cloud> cloud;
};

/// The words of a header or heading in lower case, each between spaces: " service tag s ".
std::string words_of(std::string_view text) {
  std::string words = " ";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '<') at = std::min(text.find('>', at), text.size() - 1);  // an element parts words
    words += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : ' ';
  }
  return words + ' ';
}

bool has_word(const std::string& words, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(), [&](std::string_view word) {
    return words.find(' ' + std::string(word) + ' ') != words.npos;
  });
}

std::optional<Cloud> cloud_named(std::string_view text) {
  const std::string words = words_of(text);
  if (has_word(words, {"government"})) return Cloud::usgov;
  if (has_word(words, {"21vianet", "china"})) return Cloud::china;
  if (words == " public " || has_word(words, {"azure public", "public cloud"})) return Cloud::public_;
  return std::nullopt;
}

ColumnMeaning meaning_of(std::string_view header) {
  const std::string words = words_of(header);
  const bool ports = has_word(words, {"port", "ports"});
  if (has_word(words, {"source"})) return {ports ? Column::other : Column::source, {}};
  if (ports) return {has_word(words, {"protocol"}) ? Column::protocol : Column::ports, {}};
  if (has_word(words, {"service tag", "service tags", "tag", "tags"})) return {Column::tag, {}};
  if (has_word(words, {"host", "hosts", "fqdn", "fqdns", "endpoint", "endpoints", "url", "urls", "domain"}))
    return {Column::host, {}};
  if (has_word(words, {"destination"})) return {Column::destination, {}};
  if (has_word(words, {"protocol"})) return {Column::protocol, {}};
  if (const auto cloud = cloud_named(header)) return {Column::host, cloud};
  return {};
}

/// Whether a tag in "Source" or "Destination" is the node's own network or nobody in particular.
bool is_own_side(std::string_view tag) {
  const std::string key = tag_keys(tag).front();
  return key == "any" || key == "virtualnetwork" || key == "internet";
}

class TableReader {
 public:
  TableReader(const MarkdownTable& table, std::vector<DocumentedNeed>& needs)
      : table_(table), tab_cloud_(cloud_named(table.tab)), needs_(needs) {
    for (const std::string& header : table.header) columns_.push_back(meaning_of(header));
  }

  void read() {
    const auto names = [](const ColumnMeaning& one) {
      return one.column == Column::tag || one.column == Column::host || one.column == Column::source;
    };
    if (std::none_of(columns_.begin(), columns_.end(), names)) return;
    for (const MarkdownRow& row : table_.rows) read_row(row);
  }

 private:
  void read_row(const MarkdownRow& row) {
    const PrintedPorts ports = ports_of(row);
    for (std::size_t i = 0; i < std::min(columns_.size(), row.cells.size()); ++i) {
      const std::string& cell = row.cells[i];
      switch (columns_[i].column) {
        case Column::tag:
          add_tags(cell, ports, row.line);
          break;
        case Column::source:
        case Column::destination:
          for (const std::string& tag : tags_in(cell)) {
            if (!is_own_side(tag) && cell.find('`') != cell.npos) add_tag(tag, ports, row.line);
          }
          break;
        case Column::host:
          add_hosts(cell, false, ports, columns_[i].cloud, row.line);
          break;
        case Column::other:
          add_hosts(cell, true, {}, {}, row.line);
          break;
        default:
          break;
      }
    }
  }

  PrintedPorts ports_of(const MarkdownRow& row) const {
    Transport transport = Transport::either;
    for (std::size_t i = 0; i < std::min(columns_.size(), row.cells.size()); ++i) {
      if (columns_[i].column == Column::protocol) transport = transport_in(row.cells[i]);
    }
    PrintedPorts all;
    for (std::size_t i = 0; i < std::min(columns_.size(), row.cells.size()); ++i) {
      const Column column = columns_[i].column;
      if (column != Column::ports && column != Column::protocol) continue;
      PrintedPorts some = ports_in(row.cells[i], transport);
      all.ports.merge(some.ports);
      all.any = all.any || (some.any && column == Column::ports);
    }
    return all;
  }

  void add_tags(const std::string& cell, const PrintedPorts& ports, int line) {
    for (const std::string& tag : tags_in(cell)) add_tag(tag, ports, line);
  }
  void add_tag(const std::string& tag, const PrintedPorts& ports, int line) {
    needs_.push_back({true, tag, tag_keys(tag).front(), ports, tab_cloud_, line});
  }

  /// In a column of reasons only what is marked is a host: "you must also allow **\*.pythonhosted.org**".
  void add_hosts(const std::string& cell, bool marked_only, const PrintedPorts& ports,
                 const std::optional<Cloud>& cloud, int line) {
    for (const PrintedHost& host : hosts_in(cell)) {
      if (marked_only && !host.marked) continue;
      PrintedPorts own = ports;
      if (host.port != 0) own = {{{Transport::either, host.port}}, false};
      needs_.push_back({false, host.text, host_key(host.text), own, cloud ? cloud : tab_cloud_, line});
    }
  }

  const MarkdownTable& table_;
  std::optional<Cloud> tab_cloud_;
  std::vector<DocumentedNeed>& needs_;
  std::vector<ColumnMeaning> columns_;
};

}  // namespace

std::vector<DocumentedNeed> needs_of(const MarkdownPage& page) {
  std::vector<DocumentedNeed> needs;
  for (const MarkdownTable& table : page.tables) TableReader(table, needs).read();
  for (const MarkdownItem& item : page.items) {
    // An item that is a host, or begins with one, lists it; one that only mentions a host does not.
    const bool begins =
        item.text.starts_with('`') || item.text.starts_with("**") || item.text.starts_with("__");
    const std::vector<PrintedHost> hosts = begins ? hosts_in(item.text) : std::vector<PrintedHost>{};
    if (hosts.empty() || !hosts.front().marked) continue;
    const std::string& host = hosts.front().text;
    const std::size_t at = item.text.find(host.substr(host.find_first_not_of("*.<")));
    if (at > 4) continue;
    needs.push_back({false, host, host_key(host), {}, {}, item.line});
  }
  return needs;
}

}  // namespace amlnet
