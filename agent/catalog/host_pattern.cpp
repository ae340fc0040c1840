#include "agent/catalog/host_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/catalog/words.h"
#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

constexpr std::string_view names[] = {"region",        "workspace-id", "workspace", "compute",
                                      "storage",       "vault",        "registry",  "registry-region",
                                      "batch-account", "endpoint",     "alias"};
constexpr std::size_t longest_label = 63;

/// One label filled; `limit` cuts what is put in for <workspace>.
std::string fill_label(std::string_view label, const std::map<std::string, std::string>& values,
                       std::size_t limit) {
  std::string filled;
  while (!label.empty()) {
    const std::size_t open = label.find('<');
    filled += label.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = label.find('>', open);
    if (close == std::string_view::npos) return filled + std::string(label.substr(open));  // no placeholder
    const std::string name(label.substr(open + 1, close - open - 1));
    const std::string& value = values.at(name);
    filled += name == "workspace" ? value.substr(0, limit) : value;
    label.remove_prefix(close + 1);
  }
  return filled;
}

std::string fit_label(std::string_view label, const std::map<std::string, std::string>& values) {
  std::string whole = fill_label(label, values, std::string::npos);
  const bool can_shrink = label.find("<workspace>") != std::string_view::npos;
  // An alias is a whole name in one placeholder; its labels were checked when it was read.
  if (whole.size() <= longest_label || !can_shrink) return whole;
  const std::size_t excess = whole.size() - longest_label;
  const std::size_t name = values.at("workspace").size();
  return fill_label(label, values, name > excess ? name - excess : 0);
}

}  // namespace

std::span<const std::string_view> placeholder_names() {
  return names;
}

bool is_wildcard(std::string_view pattern) {
  return pattern.starts_with("*.");
}

std::vector<std::string> placeholders_of(std::string_view pattern) {
  std::vector<std::string> found;
  for (std::size_t open = pattern.find('<'); open != std::string_view::npos;
       open = pattern.find('<', open + 1)) {
    const std::size_t close = pattern.find('>', open);
    if (close == std::string_view::npos) break;
    std::string name(pattern.substr(open + 1, close - open - 1));
    if (std::find(found.begin(), found.end(), name) == found.end()) found.push_back(std::move(name));
  }
  return found;
}

std::optional<std::string> problem_of_pattern(std::string_view pattern) {
  std::map<std::string, std::string> sample;
  for (const std::string& name : placeholders_of(pattern)) {
    if (std::find(std::begin(names), std::end(names), name) == std::end(names)) {
      const std::string near = nearest(name, names);
      return fmt::format(
          "unknown placeholder <{}>{}", printable(name),
          near.empty() ? "; expected " + listed(names) : fmt::format("; did you mean <{}>?", near));
    }
    sample[name] = name == "alias" ? "a.b.c" : "x";
  }
  const std::string filled = fill_pattern(is_wildcard(pattern) ? pattern.substr(2) : pattern, sample);
  if (is_host_name(filled) || is_address(filled)) return std::nullopt;
  return fmt::format("expected a host name, an address or a wildcard \"*.\", got \"{}\"", printable(pattern));
}

std::string fill_pattern(std::string_view pattern, const std::map<std::string, std::string>& values) {
  std::string host;
  while (true) {
    const std::size_t dot = pattern.find('.');
    host += fit_label(pattern.substr(0, dot), values);
    if (dot == std::string_view::npos) break;
    host += '.';
    pattern.remove_prefix(dot + 1);
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

}  // namespace amlnet
