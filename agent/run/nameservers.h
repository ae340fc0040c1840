// How the nameservers of a run have fared, and what waiting for one of them is worth. Part of resolving
// names.
#pragma once

#include "agent/run/names.h"

namespace amlnet {

/// A server that has let at least three questions go by, and never said a word while another of the node's
/// own did: asking it again would only take time (contract section 4, dns.server-unreachable).
bool is_dead(const Session& session, std::size_t index);

/// Whether another of the node's own servers than this one has said anything.
bool another_answers(const Session& session, std::size_t index);

/// Whether any of the node's own servers is worth a further name: none has said a word, and each has left
/// questions open in all of their tries, where it is not.
bool any_worth_asking(const Session& session);

/// The longest that anything waits for an answer, all its tries together: three of them. libc waits five
/// seconds for each, and a slow server is not a dead one.
Milliseconds most_patience(const Session& session);

/// How long a question waits, in its `attempt` (from 1). The last one to a server that may be the only one
/// has what is left of most_patience(), or twice what that server has taken so far where it answers.
Milliseconds patience_with(const Session& session, std::size_t index, int attempt);

/// Notes on the server what became of a question.
void note_fate(NameserverState& server, const DnsAnswer& answer);

/// Only NOERROR and NXDOMAIN are answers; libc passes over the rest.
bool counts(const DnsAnswer& answer);

void add_new_addresses(std::vector<std::string>& addresses, std::vector<std::string> more);

/// What one server has said of one name so far.
struct ServerSays {
  bool open = false, answered = false;
  std::vector<std::string> addresses;
  const Question* late = nullptr;  // still open, while the addresses are enough to go on
};

/// IPv4 addresses are enough to go on.
ServerSays server_says(const NameState& name, const std::string& fqdn, std::size_t server);

}  // namespace amlnet
