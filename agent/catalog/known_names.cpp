#include "agent/catalog/known_names.h"

#include <algorithm>
#include <cctype>

namespace amlnet {
namespace {

const std::vector<Cloud>& all_clouds() {
  static const std::vector<Cloud> clouds{Cloud::public_, Cloud::usgov, Cloud::china};
  return clouds;
}

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

bool KnownName::has(const std::pair<Transport, std::uint16_t>& port) const {
  if (ports.empty()) return true;
  return std::any_of(ports.begin(), ports.end(), [&](const auto& known) {
    return known.second == port.second &&
           (known.first == port.first || known.first == Transport::either || port.first == Transport::either);
  });
}

std::string short_tag(const std::string& tag) {
  const std::string lower = tag_keys(tag).front();
  const std::size_t dot = lower.find('.');
  if (dot == lower.npos) return lower;
  const std::string_view second = std::string_view(lower).substr(dot + 1);
  // "region", "regionname" and "<region>", also in French
  const bool region = second.starts_with('<') || second.starts_with("region") || second.starts_with("nom_r");
  return region ? lower.substr(0, dot) : lower;
}

KnownNames::KnownNames(const Catalog& catalog, const std::vector<CoveredDocument>& coverage,
                       const std::string& day) {
  for (const Requirement& row : catalog.requirements) {
    const bool now = documented_on(row, day);
    add_requirement(row, now ? hosts_ : ended_hosts_, now ? tags_ : ended_tags_);
  }
  for (const CoveredDocument& document : coverage) {
    for (const CoverageRow& row : document.rows) add_coverage(row);
  }
}

void KnownNames::add_requirement(const Requirement& row, Names& hosts, Names& tags) {
  for (const EndpointPattern& endpoint : row.endpoints) {
    const Transport transport = endpoint.protocol == Protocol::udp ? Transport::udp : Transport::tcp;
    for (const auto& [cloud, patterns] : endpoint.hosts) {
      std::vector<std::string> names = patterns;
      if (!names.empty() && !endpoint.documented_as.empty()) names.push_back(endpoint.documented_as);
      for (const std::string& name : names) {
        KnownName& known = hosts[host_key(name)];
        known.clouds.insert(cloud);
        for (const std::uint16_t port : endpoint.ports) known.ports.insert({transport, port});
        add_once(known.requirements, row.id);
      }
    }
  }
  if (row.service_tag.empty() || !row.endpoints.empty()) return;
  KnownName& known = tags[short_tag(row.service_tag)];
  known.clouds.insert(all_clouds().begin(), all_clouds().end());
  known.ports.merge(ports_in(row.fix).ports);
  add_once(known.requirements, row.id);
}

/// The document's own spelling finds what the catalog's does. A row that no requirement covers, for a reason,
/// is known too.
void KnownNames::add_coverage(const CoverageRow& row) {
  if (row.kind == CoverageRow::Kind::rule) return;
  if (row.kind == CoverageRow::Kind::tag) {
    if (!row.printed.empty()) tag_names_[short_tag(row.printed)] = short_tag(row.text);
    return;
  }
  if (!row.reason.empty()) {
    const std::vector<Cloud>& clouds = row.clouds.empty() ? all_clouds() : row.clouds;
    hosts_[host_key(row.text)].clouds.insert(clouds.begin(), clouds.end());
  }
}

const KnownName* KnownNames::find(bool tag, const std::string& printed) const {
  if (!tag) {
    const auto found = hosts_.find(host_key(printed));
    return found == hosts_.end() ? nullptr : &found->second;
  }
  for (std::string key : {short_tag(printed), tag_keys(printed).back()}) {
    if (const auto name = tag_names_.find(key); name != tag_names_.end()) key = name->second;
    if (const auto found = tags_.find(key); found != tags_.end()) return &found->second;
  }
  return nullptr;
}

std::vector<std::string> KnownNames::ended(bool tag, const std::string& printed) const {
  const Names& names = tag ? ended_tags_ : ended_hosts_;
  const auto found = names.find(tag ? short_tag(printed) : host_key(printed));
  return found == names.end() ? std::vector<std::string>{} : found->second.requirements;
}

std::string KnownNames::wildcard_of(const std::string& key) const {
  for (std::size_t dot = key.find('.'); dot != key.npos; dot = key.find('.', dot + 1)) {
    const std::string wildcard = "*" + key.substr(dot);
    if (hosts_.contains(wildcard)) return wildcard;
  }
  return "";
}

bool KnownNames::same(const BaselineName& row, const std::string& printed) const {
  const auto key_of = [&](const std::string& name) {
    if (!row.tag) return host_key(name);
    const std::string key = short_tag(name);
    const auto own = tag_names_.find(key);
    return own == tag_names_.end() ? key : own->second;
  };
  const std::string wanted = key_of(printed);
  return std::any_of(row.spellings.begin(), row.spellings.end(),
                     [&](const std::string& spelling) { return key_of(spelling) == wanted; });
}

std::vector<BaselineName> baseline_of(const CoveredDocument& document, const std::string& edition,
                                      const Catalog& catalog, const std::string& day) {
  std::vector<BaselineName> names;
  for (const CoverageRow& row : document.rows) {
    const std::string& of = row.edition.empty() ? document.date : row.edition;
    if (row.kind == CoverageRow::Kind::rule || of != edition) continue;
    BaselineName name{
        row.kind == CoverageRow::Kind::tag, {row.text}, row.ports, row.clouds, row.requirements};
    if (!row.printed.empty()) name.spellings.push_back(row.printed);
    names.push_back(std::move(name));
  }
  for (const Requirement& row : catalog.requirements) {
    const bool quoted = std::any_of(row.docs.begin(), row.docs.end(), [&](const DocReference& doc) {
      return doc.document == document.title && doc.date == edition && !doc.section.empty();
    });
    if (!quoted || row.service_tag.empty() || !row.endpoints.empty() || !documented_on(row, day)) continue;
    names.push_back({true, {row.service_tag}, {}, {}, {row.id}});
  }
  return names;
}

}  // namespace amlnet
