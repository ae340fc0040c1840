#include "agent/diagnosis/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "agent/plan/scope.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostEvidence = 8;  // sentences of one finding; the rest is counted

}  // namespace

const TcpDetail* Trail::tcp() const {
  return shown() ? detail_of<TcpDetail>(shown()->connect) : nullptr;
}
const TlsDetail* Trail::tls() const {
  return shown() ? detail_of<TlsDetail>(shown()->handshake) : nullptr;
}

const HttpDetail* Trail::upgrade() const {
  return shown() ? detail_of<HttpDetail>(shown()->upgrade) : nullptr;
}

const HttpDetail* Trail::http() const {
  const auto* answer = shown() ? detail_of<HttpDetail>(shown()->answer) : nullptr;
  return answer ? answer : detail_of<HttpDetail>(tunnel);
}

const HttpDetail* Trail::token_answer() const {
  return detail_of<HttpDetail>(with_token);
}

void Draft::say(std::string text, const ProbeRecord* probe) {
  if (evidence.size() >= kMostEvidence) {
    ++unsaid;
    return;
  }
  say_also(std::move(text), probe);
}

void Draft::say_also(std::string text, const ProbeRecord* probe) {
  const auto id = probe ? probe->id : std::string();
  const bool said =
      std::any_of(evidence.begin(), evidence.end(), [&](const EvidenceLine& e) { return e.text == text; });
  if (!said) evidence.push_back({id, std::move(text)});
}

void Draft::or_else(std::string other, std::string text) {
  const bool known =
      std::any_of(alternatives.begin(), alternatives.end(), [&](const auto& a) { return a.cause == other; });
  if (!known) alternatives.push_back({std::move(other), std::move(text)});
}

Draft& Case::draft(std::string_view cause, std::string subject) {
  const auto [row, fresh] = draft_index.try_emplace(fmt::format("{}\n{}", cause, subject), drafts.size());
  if (!fresh) return drafts[row->second];
  auto& made = drafts.emplace_back();
  made.cause = cause;
  made.subject = std::move(subject);
  made.index = static_cast<int>(row->second);
  return made;
}

bool Case::has(std::string_view cause) const {
  return std::any_of(drafts.begin(), drafts.end(), [&](const Draft& d) { return d.cause == cause; });
}

void Case::claim(Draft& draft, Trail& trail) {
  if (!trail.open()) return;
  trail.finding = draft.index;
  draft.failing.push_back(trail.index);
}

void Case::touch(Draft& draft, Trail& trail) {
  if (trail.progress == Progress::failed) return;
  if (trail.progress == Progress::undecided && trail.mention < 0) trail.mention = draft.index;
  draft.touched.push_back(trail.index);
}

std::vector<NameView> Case::configured_views(const Trail& trail) const {
  const auto* names = trail.names();
  return names ? configured_views(*names, trail.endpoint->host) : std::vector<NameView>();
}

std::vector<NameView> Case::configured_views(const DnsDetail& names, std::string_view name) const {
  std::vector<NameView> result;
  for (auto& view : views_of(names, name)) {
    const auto server = servers.find(view.server);
    if (server != servers.end() && server->second.configured) result.push_back(std::move(view));
  }
  // As the node's configuration has them: which one answered first is chance.
  const auto& order = facts.node.resolver.nameservers;
  std::stable_sort(result.begin(), result.end(), [&](const NameView& a, const NameView& b) {
    return std::find(order.begin(), order.end(), a.server) < std::find(order.begin(), order.end(), b.server);
  });
  return result;
}

std::optional<NameView> Case::azure_view(const Trail& trail) const {
  const auto* names = trail.names();
  if (names == nullptr) return std::nullopt;
  for (auto& view : views_of(*names, trail.endpoint->host)) {
    if (view.server == kAzureDns) return std::move(view);
  }
  return std::nullopt;
}

Whereabouts Case::place(const std::string& address) const {
  return place_of(address, facts.workspace);
}

bool Case::on_link(const std::string& address) const {
  return std::any_of(facts.node.interfaces.begin(), facts.node.interfaces.end(), [&](const Interface& i) {
    return i.prefix > 0 && in_prefix(address, fmt::format("{}/{}", i.address, i.prefix));
  });
}

Status status_of(Progress progress) {
  if (progress == Progress::passed) return Status::pass;
  return progress == Progress::failed ? Status::fail : Status::unknown;
}

const ProbeRecord* Case::follow_up_of(const Trail& trail, std::string_view control) const {
  const auto all = follow_ups_at(trail.target, control);
  return all.empty() ? nullptr : all.back();  // a TLS follow-up leaves a tcp record before its own
}

std::vector<const ProbeRecord*> Case::follow_ups_at(const std::string& target,
                                                    std::string_view control) const {
  std::vector<const ProbeRecord*> result;
  const auto found = follow_up.find(target);
  if (found == follow_up.end()) return result;
  std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(result),
               [control](const ProbeRecord* record) { return record->control == control; });
  return result;
}

std::vector<const ProbeRecord*> Case::follow_ups_named(std::string_view control) const {
  std::vector<const ProbeRecord*> result;
  for (const auto& [target, records] : follow_up) {
    const auto some = follow_ups_at(target, control);
    result.insert(result.end(), some.begin(), some.end());
  }
  return result;
}

Case open_case(const Facts& facts) {
  Case c{facts, {}, {}, {}, {}, {}, {}, {}};
  read_servers(c);
  read_trails(c);
  judge_names(c);
  return c;
}

}  // namespace amlnet
