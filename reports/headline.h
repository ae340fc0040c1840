// What stands at the head of a report, as plain unescaped words: where the node is, what it belongs to, and
// how many of what are broken. Used by the writers for people.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

/// "FAIL".
std::string verdict_word(Verdict verdict);
/// Host name, region, kind of compute, address; what is not known is left out.
std::vector<std::string> place_parts(const Report& report);
/// The workspace, where its facts came from, the nameservers, who asked, what was asked without a token only.
std::vector<std::string> workspace_parts(const Report& report);
/// "2 of 41 required are broken by 2 causes", the other levels, warnings, what is not testable, the time it
/// took. Levels without rows are empty texts.
std::vector<std::string> verdict_parts(const Report& report);

/// The plan beside the workspace's own list, a sentence or a host each; empty where nobody asked. `all` names
/// the planned hosts too that the list has not.
std::vector<std::string> live_lines(const Report& report, bool all);

/// A text of the workspace by its path, {"workspace", "name"}; "" where it is not there.
std::string workspace_text(const Report& report, std::initializer_list<const char*> path);

std::string joined(const std::vector<std::string>& parts, std::string_view between);
/// "1 cause", "2 causes".
std::string counted(std::size_t count, std::string_view one);

}  // namespace amlnet
