// The names that reports use for a finding's enumerations.
#include "reports/model/finding.h"

namespace amlnet {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::blocking:
      return "blocking";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "info";
}

std::string_view name_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::certain:
      return "certain";
    case Confidence::likely:
      return "likely";
    case Confidence::candidate:
      return "candidate";
  }
  return "candidate";
}

}  // namespace amlnet
