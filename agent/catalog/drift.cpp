#include "agent/catalog/drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/catalog/documented_needs.h"
#include "agent/catalog/known_names.h"

namespace amlnet {
namespace {

using Kind = Difference::Kind;

std::string letters_of(std::string_view title) {
  std::string letters;
  for (const char c : title) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || u >= 0x80) letters += static_cast<char>(std::tolower(u));
  }
  return letters;
}

const CoveredDocument* document_of(const MarkdownPage& page, const std::vector<CoveredDocument>& coverage,
                                   const std::string& name) {
  std::set<std::string> titles;
  for (const std::string& title : page.titles) titles.insert(letters_of(title));
  for (const CoveredDocument& document : coverage) {
    if (!name.empty() && document.name != name) continue;
    if (!name.empty() || titles.contains(letters_of(document.title))) return &document;
    const bool other = std::any_of(document.other_titles.begin(), document.other_titles.end(),
                                   [&](const std::string& one) { return titles.contains(letters_of(one)); });
    if (other) return &document;
  }
  return nullptr;
}

/// The newest edition of the document itself, not of what it includes, that was there on `day` and names
/// hosts or tags.
std::string edition_of(const CoveredDocument& document, const Catalog& catalog, const std::string& day) {
  std::set<std::string> own;
  for (const Requirement& row : catalog.requirements) {
    for (const DocReference& doc : row.docs) {
      if (doc.document == document.title && (day.empty() || doc.date <= day)) own.insert(doc.date);
    }
  }
  std::string newest = document.date;
  for (const CoverageRow& row : document.rows) {
    if (row.kind != CoverageRow::Kind::rule && row.edition > newest && own.contains(row.edition))
      newest = row.edition;
  }
  return newest;
}

/// All that a page says, for the question whether it still names something at all.
class Mentions {
 public:
  explicit Mentions(std::string_view text) {
    for (const char c : text) lower_ += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      for (const PrintedHost& host : hosts_in(text.substr(0, end))) hosts_.insert(host_key(host.text));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  /// Whether it names the host, or a wildcard that holds it.
  bool host(std::string key) const {
    if (hosts_.contains(key)) return true;
    for (std::size_t dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1)) {
      if (hosts_.contains("*" + key.substr(dot))) return true;
    }
    return false;
  }

  /// "Storage" is a word of every page; its tag has a region behind it.
  bool tag(const std::string& spelling) const {
    const std::string name = short_tag(spelling);
    if (name == tag_keys(spelling).front()) return word(name);
    return lower_.find(name + ".<") != lower_.npos || lower_.find(name + ".region") != lower_.npos ||
           word(tag_keys(spelling).front());
  }

  bool word(std::string_view word) const {
    const auto inner = [&](std::size_t at) {
      return at < lower_.size() && std::isalnum(static_cast<unsigned char>(lower_[at])) != 0;
    };
    for (std::size_t at = lower_.find(word); at != lower_.npos; at = lower_.find(word, at + 1)) {
      if ((at == 0 || !inner(at - 1)) && !inner(at + word.size())) return true;
    }
    return false;
  }

 private:
  std::string lower_;
  std::set<std::string> hosts_;
};

/// One page against the catalog.
class Comparison {
 public:
  Comparison(std::string_view text, const KnownNames& known, Drift& drift)
      : needs_(needs_of(read_markdown(text))), mentions_(text), known_(known), drift_(drift) {
    drift.needs = needs_.size();
  }

  void find_added_and_changed() {
    for (const DocumentedNeed& need : needs_) {
      const KnownName* name = known_.find(need.tag, need.text);
      if (name == nullptr) {
        add(Kind::added, need, added_words(need), known_.ended(need.tag, need.text));
        continue;
      }
      if (need.cloud && !name->clouds.contains(*need.cloud))
        add(Kind::changed, need, fmt::format("new for the cloud {}", name_of(*need.cloud)),
            name->requirements);
      for (const auto& port : need.ports.ports) {
        if (!name->has(port))
          add(Kind::changed, need, fmt::format("{} is new{}", port_words(port), known_ports(*name)),
              name->requirements);
      }
    }
  }

  /// `rows` are what the edition before had.
  void find_dropped(const std::vector<BaselineName>& rows) {
    for (const BaselineName& row : rows) {
      if (!is_mentioned(row)) {
        drop(row, "no longer on the page");
        continue;
      }
      const std::vector<const DocumentedNeed*> here = needs_for(row);
      compare_ports(row, here);
      compare_clouds(row, here);
    }
  }

 private:
  static std::string port_words(const std::pair<Transport, std::uint16_t>& port) {
    const std::string_view name = port.first == Transport::tcp   ? "tcp "
                                  : port.first == Transport::udp ? "udp "
                                                                 : "";
    return fmt::format("port {}{}", name, port.second);
  }

  static std::string known_ports(const KnownName& name) {
    std::vector<std::string> words;
    for (const auto& port : name.ports) words.push_back(port_words(port));
    return words.empty() ? "" : fmt::format("; the catalog has {}", fmt::join(words, ", "));
  }

  std::string added_words(const DocumentedNeed& need) const {
    std::vector<std::string> words;
    for (const auto& port : need.ports.ports) words.push_back(port_words(port));
    std::string text = words.empty() ? "" : fmt::format("{}, ", fmt::join(words, ", "));
    if (need.cloud) text += fmt::format("in the cloud {}, ", name_of(*need.cloud));
    const std::vector<std::string> ended = known_.ended(need.tag, need.text);
    if (!ended.empty()) return text + "documented again: the catalog ended it";
    const std::string wider = need.tag ? "" : known_.wildcard_of(need.key);
    return text + "not in the catalog" + (wider.empty() ? "" : ", but covered by " + wider);
  }

  bool is_mentioned(const BaselineName& row) const {
    return std::any_of(row.spellings.begin(), row.spellings.end(), [&](const std::string& spelling) {
      if (row.tag) return mentions_.tag(spelling) || !needs_for(row).empty();
      const std::string key = host_key(spelling);
      return key.find('.') == key.npos ? mentions_.word(key) : mentions_.host(key);
    });
  }

  std::vector<const DocumentedNeed*> needs_for(const BaselineName& row) const {
    std::vector<const DocumentedNeed*> found;
    for (const DocumentedNeed& need : needs_) {
      if (need.tag == row.tag && known_.same(row, need.text)) found.push_back(&need);
    }
    return found;
  }

  void compare_ports(const BaselineName& row, const std::vector<const DocumentedNeed*>& here) {
    std::set<std::uint16_t> listed;
    bool any = false;
    for (const DocumentedNeed* need : here) {
      for (const auto& [transport, port] : need->ports.ports) listed.insert(port);
      any = any || need->ports.any;
    }
    if (any && !row.ports.empty()) drop_part(row, here, "any port, where the catalog names some");
    if (listed.empty() || any) return;
    for (const std::uint16_t port : row.ports) {
      if (!listed.contains(port)) drop_part(row, here, fmt::format("port {} is no longer listed", port));
    }
  }

  void compare_clouds(const BaselineName& row, const std::vector<const DocumentedNeed*>& here) {
    std::set<Cloud> clouds;
    for (const DocumentedNeed* need : here) {
      if (!need->cloud) return;  // listed for all of them
      clouds.insert(*need->cloud);
    }
    if (clouds.empty()) return;
    for (const Cloud cloud : row.clouds) {
      if (!clouds.contains(cloud))
        drop_part(row, here, fmt::format("no longer listed for the cloud {}", name_of(cloud)));
    }
  }

  void drop(const BaselineName& row, const std::string& what) {
    insert({Kind::dropped, row.spellings.front(), what, 0, row.requirements});
  }
  void drop_part(const BaselineName& row, const std::vector<const DocumentedNeed*>& here,
                 const std::string& what) {
    insert({Kind::changed, row.spellings.front(), what, here.front()->line, row.requirements});
  }
  void add(Kind kind, const DocumentedNeed& need, const std::string& what,
           const std::vector<std::string>& requirements) {
    insert({kind, need.text, what, need.line, requirements});
  }
  /// A page says most things more than once; the first place is enough.
  void insert(Difference difference) {
    const bool fresh = seen_.insert({host_key(difference.name), difference.what}).second;
    if (fresh) drift_.differences.push_back(std::move(difference));
  }

  std::vector<DocumentedNeed> needs_;
  Mentions mentions_;
  const KnownNames& known_;
  Drift& drift_;
  std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

std::optional<Drift> compare_page(std::string_view markdown, const Catalog& catalog,
                                  const std::vector<CoveredDocument>& coverage, const DriftOptions& options) {
  Drift drift;
  const KnownNames known(catalog, coverage, options.day);
  Comparison comparison(markdown, known, drift);
  const CoveredDocument* document = document_of(read_markdown(markdown), coverage, options.document);
  if (document == nullptr && drift.needs == 0) return std::nullopt;
  comparison.find_added_and_changed();
  if (document != nullptr) {
    drift.document = document->name;
    drift.edition = edition_of(*document, catalog, options.day);
    drift.rules = static_cast<std::size_t>(
        std::count_if(document->rows.begin(), document->rows.end(), [&](const CoverageRow& row) {
          const std::string& of = row.edition.empty() ? document->date : row.edition;
          return row.kind == CoverageRow::Kind::rule && of == drift.edition;
        }));
    comparison.find_dropped(baseline_of(*document, drift.edition, catalog, options.day));
  }
  return drift;
}

}  // namespace amlnet
