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
/// Whether the name of an open trail is one that is worth asking for again.
bool may_flap(const Trail& trail);

/// hello_questions.cpp: another server name, none, small segments; another Host header.
void ask_other_server_names(const Case& c, std::vector<FollowUp>& asked);
void ask_other_host_header(const Case& c, std::vector<FollowUp>& asked);

/// path_questions.cpp: silent addresses. Another port of the same address; one connection after the other
/// instead of all at once; SYNs that live for a few hops only.
void ask_sibling_ports(const Case& c, std::vector<FollowUp>& asked);
void ask_one_by_one(const Case& c, std::vector<FollowUp>& asked);
void ask_hops(const Case& c, std::vector<FollowUp>& asked);
/// The request of an open trail whose connection of its own was not even accepted, after the one before was;
/// null for any other.
const HttpDetail* silent_request(const Trail& trail);

/// hello_questions.cpp: a control with a large ClientHello that got no answer, again and in small segments.
void ask_large_hello_again(const Case& c, std::vector<FollowUp>& asked);

/// revocation_rule.cpp: a host of OCSP or a revocation list that gave no answer in a control's little time.
void ask_responders_again(const Case& c, std::vector<FollowUp>& asked);

}  // namespace amlnet
