// The names that reports use for a report's enumerations (contract section 3).
#include "reports/model/report.h"

namespace amlnet {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::required:
      return "required";
    case Level::recommended:
      return "recommended";
    case Level::optional:
      return "optional";
  }
  return "optional";
}

std::string_view name_of(Status status) {
  switch (status) {
    case Status::pass:
      return "pass";
    case Status::fail:
      return "fail";
    case Status::unknown:
      return "unknown";
    case Status::skipped:
      return "skipped";
  }
  return "unknown";
}

std::string_view name_of(Unknown unknown) {
  switch (unknown) {
    case Unknown::not_testable:
      return "not-testable";
    case Unknown::not_known:
      return "not-known";
    case Unknown::not_finished:
      return "not-finished";
  }
  return "not-finished";
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::warn:
      return "warn";
    case Verdict::fail:
      return "fail";
    case Verdict::incomplete:
      return "incomplete";
  }
  return "incomplete";
}

}  // namespace amlnet
