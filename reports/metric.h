// One metric in the Prometheus text exposition format. Used by the report's metrics and by those of watch.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amlnet {

enum class MetricKind { gauge, counter };

using MetricLabels = std::vector<std::pair<std::string_view, std::string>>;

/// HELP and TYPE before the first sample, and each set of labels once, since a second sample of the same
/// labels would make the whole exposition invalid. The name of a counter ends in _total. Appends to `out`,
/// which must live longer; values of labels may be hostile.
class Metric {
 public:
  Metric(std::string& out, std::string_view name, std::string_view help, MetricKind kind = MetricKind::gauge)
      : out_(out), name_(name), help_(help), kind_(kind) {}

  void add(const MetricLabels& labels, double value);

 private:
  std::string& out_;
  std::string_view name_, help_;
  MetricKind kind_;
  std::set<std::string> seen_;
};

}  // namespace amlnet
