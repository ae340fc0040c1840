// Puts rules of one destination together, and names them. Used by remedies().
#pragma once

#include <vector>

#include "agent/remedy/rule.h"

namespace amlnet {

/// Adds `kind` for `source` to the rule that has its destination already, else as a rule of its own.
void add_rule(std::vector<Rule>& rules, const RuleKind& kind, const RuleSource& source);

/// Gives each rule its name, by its kind and destination: the same failures get the same names on every run.
void name_rules(std::vector<Rule>& rules);

}  // namespace amlnet
