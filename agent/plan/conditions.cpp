#include "agent/plan/conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/catalog/words.h"
#include "agent/workspace/fact_values.h"

namespace amlnet {
namespace {

using Answer = Decision::Answer;

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class Enum>
std::string names(const std::vector<Enum>& values) {
  std::vector<std::string_view> texts;
  texts.reserve(values.size());
  for (Enum value : values) texts.push_back(name_of(value));
  return listed(texts);
}

std::string names(const std::vector<std::string>& values) {
  return listed(std::vector<std::string_view>(values.begin(), values.end()));
}

Decision yes(std::string because) {
  return {Answer::yes, std::move(because), {}};
}
Decision no(std::string because) {
  return {Answer::no, std::move(because), {}};
}
Decision undecided(std::string fact) {
  return {Answer::undecided, fmt::format("depends on {}, which is not known", fact), {fact}};
}

Decision decide_cloud(const Condition& condition, const Workspace& workspace) {
  const Cloud cloud = workspace.cloud.value_or(Cloud::public_);
  if (holds(condition.clouds, cloud)) return yes("");
  return no(fmt::format("only in the cloud {}; this is {}", names(condition.clouds), name_of(cloud)));
}

Decision decide_compute(const Condition& condition, const Workspace& workspace) {
  const auto kind = workspace.compute.kind;
  if (!kind) return undecided("compute.kind");
  if (holds(condition.compute, *kind)) return yes(fmt::format("compute.kind is {}", name_of(*kind)));
  return no(fmt::format("only for compute of kind {}; this is {}", names(condition.compute), name_of(*kind)));
}

Decision decide_features(const Condition& condition, const Workspace& workspace) {
  for (const std::string& feature : condition.no_feature) {
    if (has_feature(workspace, feature)) return no(fmt::format("not with the feature {}", feature));
  }
  if (condition.any_feature.empty()) return yes("");
  for (const std::string& feature : condition.any_feature) {
    if (has_feature(workspace, feature)) return yes(fmt::format("the feature {} is on", feature));
  }
  return no(fmt::format("only with the feature {}", names(condition.any_feature)));
}

Decision decide_fact(const std::string& path, const std::vector<std::string>& accepted,
                     const Workspace& workspace, const StorageAccount* account) {
  const auto value = fact_value(workspace, path, account);
  if (!value)
    return holds(accepted, std::string("unknown")) ? yes(fmt::format("{} is not known", path))
                                                   : undecided(path);
  if (holds(accepted, *value)) return yes(fmt::format("{} is {}", path, *value));
  std::vector<std::string> wanted = accepted;
  std::erase(wanted, "unknown");
  return no(fmt::format("only where {} is {}; it is {}", path, names(wanted), *value));
}

/// `all` and `part` must both hold.
void add(Decision& all, Decision part) {
  if (all.answer == Answer::no) return;
  if (part.answer == Answer::no || (part.answer == Answer::undecided && all.answer == Answer::yes)) {
    part.missing.insert(part.missing.begin(), all.missing.begin(), all.missing.end());
    all = std::move(part);
    if (all.answer == Answer::no) all.missing.clear();
    return;
  }
  all.missing.insert(all.missing.end(), part.missing.begin(), part.missing.end());
  if (part.answer != all.answer || part.because.empty()) return;
  all.because += all.because.empty() ? part.because : "; " + part.because;
}

}  // namespace

Decision decide(const Condition& condition, const Workspace& workspace, const StorageAccount* account) {
  Decision decision;
  if (!condition.clouds.empty()) add(decision, decide_cloud(condition, workspace));
  if (!condition.compute.empty()) add(decision, decide_compute(condition, workspace));
  add(decision, decide_features(condition, workspace));
  for (const auto& [path, accepted] : condition.facts)
    add(decision, decide_fact(path, accepted, workspace, account));
  return decision;
}

}  // namespace amlnet
