#include "reports/metric.h"

#include <fmt/format.h>

#include "reports/text.h"

namespace amlnet {
namespace {

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : escaped(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;  // escaped() leaves no line feed
  }
  return out;
}

}  // namespace

void Metric::add(const MetricLabels& labels, double value) {
  std::string series(name_);
  for (const auto& [key, text] : labels)
    series += fmt::format("{}{}=\"{}\"", series.size() == name_.size() ? "{" : ",", key, label_value(text));
  if (!labels.empty()) series += '}';
  if (!seen_.insert(series).second) return;
  const std::string_view kind = kind_ == MetricKind::gauge ? "gauge" : "counter";
  if (seen_.size() == 1) out_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help_, kind);
  out_ += fmt::format("{} {}\n", series, value);
}

}  // namespace amlnet
