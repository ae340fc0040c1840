// The report as JUnit XML, which CI systems read: a suite for each level, a test case for each requirement.
// Used by check and show.
#pragma once

#include <string>

#include "reports/model/report.h"

namespace amlnet {

/// A requirement that fails is a failure with its findings as text; one that was not finished, or a required
/// one that lacks a fact, is an error; one that cannot be tested from a node, or does not apply, is skipped.
/// The names of suites and cases are the levels and the ids: stable from run to run.
std::string junit_report(const Report& report);

}  // namespace amlnet
