// What one nameserver says about one name, from its answers over UDP and TCP, for A and AAAA. Used by the DNS
// rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/workspace/workspace.h"
#include "probes/record.h"

namespace amlnet {

/// Where an address lies. `foreign`: a private range (RFC 1918, RFC 6598, RFC 4193) outside every prefix of
/// the workspace.
enum class Whereabouts { ours, foreign, internet, sink };
Whereabouts place_of(const std::string& address, const Workspace& workspace);
std::string_view words_of(Whereabouts);

enum class Reply {
  address,
  nxdomain,
  no_address,  // the name exists, without an address
  servfail,
  refused,
  malformed,  // no valid message, FORMERR or NOTIMP
  truncated,  // cut over UDP, and TCP gave nothing
  silent,
  port_refused,
  unreachable,  // no way to send the question
  unasked,      // cancelled or never asked
};
/// Whether the server said something about the name itself.
bool definitive(Reply);
/// "SERVFAIL", "no reply", "port 53 refused", ...
std::string_view words_of(Reply);

struct NameView {
  std::string server;
  Reply reply = Reply::unasked;
  std::vector<std::string> addresses;  // IPv4 first
  std::vector<std::string> chain;      // CNAME targets, in order
  const DnsAnswer* answer = nullptr;   // the one that decided

  std::string private_zone() const;  // of the first privatelink name in the chain, "" without one
  bool blocked_by_policy() const;    // CNAME to blockpolicy.azuredns.invalid
};

/// "private", "public" or "no address"; "" for what says nothing of the name (contract section 4,
/// dns.servers-disagree).
std::string_view answer_scope(const NameView& view, const Workspace& workspace);

/// One answer on its own.
Reply reply_of(const DnsAnswer& answer);

/// The views of `name` in `detail`, one a server, in the order of the answers.
std::vector<NameView> views_of(const DnsDetail& detail, std::string_view name);

/// "stws1.blob... -> stws1.privatelink.blob... -> 20.60.14.8 (public)", or the words of the reply.
std::string describe(const NameView& view, std::string_view name, const Workspace& workspace);

}  // namespace amlnet
