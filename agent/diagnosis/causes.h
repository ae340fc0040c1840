// The table of causes: for each code of the closed list the rule that finds it, what it means and how to mend
// it. Its order is the order of the rules, general before special, and settles which of two causes wins. A
// new cause is one row in the file of its family and one function.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "agent/diagnosis/case.h"

namespace amlnet {

/// A page of the documentation; the addresses are in documents.h.
struct CauseDoc {
  std::string_view title, url;
};

struct Cause {
  std::string_view code;
  void (*rule)(Case&);
  std::string_view meaning;  // one sentence, the title where a rule gives none
  std::string_view fix;      // one sentence; "{}" stands for the finding's subject
  std::vector<std::string_view> steps;
  std::vector<CauseDoc> docs;
  bool allow = false;  // also list what the broken requirements say must be allowed
};

/// All causes, in the order of the rules. A code may come twice: its second rule is for what others left.
const std::vector<Cause>& causes();

/// The first row of a code, null for an unknown one.
const Cause* find_cause(std::string_view code);

/// The families, in order.
std::vector<Cause> first_causes();  // configuration and the node
std::vector<Cause> name_causes();   // DNS
std::vector<Cause> path_causes();   // proxy, routes, TCP, UDP
std::vector<Cause> tls_causes();
std::vector<Cause> answer_causes();  // HTTP, services, gateway
std::vector<Cause> identity_causes();
std::vector<Cause> last_causes();  // risks, and what is left

/// A row that has two rules, which different families need.
Cause transparent_proxy_row(void (*rule)(Case&));

}  // namespace amlnet
