// The kinds of follow-ups, a function each: every one looks at what failed and adds the probes that vary one
// thing of it, unless the evidence holds them already. Used by follow_ups().
#pragma once

#include <cstddef>
#include <vector>

#include "agent/diagnosis/case.h"

namespace amlnet {

inline constexpr std::size_t kMostFollowUps = 64;  // of one round

/// name_questions.cpp: a name that leads nowhere or to the wrong side, asked again at the same server.
void ask_names_again(const Case& c, std::vector<FollowUp>& asked);

/// hello_questions.cpp: another server name, none, small segments; another Host header.
void ask_other_server_names(const Case& c, std::vector<FollowUp>& asked);
void ask_other_host_header(const Case& c, std::vector<FollowUp>& asked);

}  // namespace amlnet
