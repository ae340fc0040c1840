// The evidence as the rules of diagnosis read it: for each endpoint what its probes saw, address by address,
// where it failed, and whether a finding explains it already. Rules claim failing trails for drafts of
// findings; the first rule that claims a trail keeps it, so each failure ends in exactly one finding.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/diagnosis/diagnosis.h"
#include "agent/diagnosis/names.h"
#include "agent/workspace/platform.h"

namespace amlnet {

/// Where a trail ends, in the order of probing. `tunnel` is the proxy's part.
enum class TrailStage { name, tunnel, connect, handshake, answer, upgrade };
enum class Progress { passed, failed, unfinished, undecided };
/// An unfinished or undecided one is unknown.
Status status_of(Progress progress);

/// What is wrong with the name of an endpoint, whatever the later stages saw.
enum class NameFault {
  none,
  no_address,        // nothing to connect to
  sink,              // a loopback or unspecified address
  public_address,    // a private address is due
  foreign_address,   // a private address is due, this one lies outside every prefix of the workspace
  private_address,   // a public address is due
  not_the_declared,  // contradicts the declared address or the workspace endpoint's
  own_address,       // the node's own
  alias_outside,     // a gateway alias outside the managed VNet
};

/// One address of an endpoint, as far as its probes came. Through a proxy the address is the proxy's.
struct AddressTrail {
  std::string address;
  const ProbeRecord* connect = nullptr;  // tcp or udp
  const ProbeRecord* handshake = nullptr;
  const ProbeRecord* answer = nullptr;
  const ProbeRecord* upgrade = nullptr;  // to WebSocket
  Progress progress = Progress::unfinished;
  TrailStage stage = TrailStage::connect;  // of the failure

  bool ipv6() const { return address.find(':') != std::string::npos; }
  const ProbeRecord* last() const {
    return upgrade ? upgrade : answer ? answer : handshake ? handshake : connect;
  }
};

struct Trail {
  std::size_t index = 0;  // into Plan::endpoints
  const Endpoint* endpoint = nullptr;
  std::string target;                   // "host:port"
  const ProbeRecord* dns = nullptr;     // null for numeric hosts
  const ProbeRecord* tunnel = nullptr;  // the CONNECT, or the whole request of plain HTTP, through a proxy
  const ProbeRecord* with_token = nullptr;  // what the service says to one, at one of the addresses
  bool proxied = false;
  std::vector<AddressTrail> addresses;
  NameFault name_fault = NameFault::none;
  Progress progress = Progress::unfinished;
  TrailStage stage = TrailStage::name;  // of the failure
  std::size_t decisive = 0;             // the address that shows why it failed: the one that came furthest
  std::optional<Unknown> unknown;
  int finding = -1;  // index into Case::drafts of the finding that explains the failure
  int mention = -1;  // a finding that explains why it is unknown

  bool open() const { return progress == Progress::failed && finding < 0; }
  bool open_at(TrailStage where) const { return open() && stage == where; }
  const AddressTrail* shown() const { return decisive < addresses.size() ? &addresses[decisive] : nullptr; }
  const DnsDetail* names() const { return detail_of<DnsDetail>(dns); }
  const TcpDetail* tcp() const;  // of the decisive address, null when there is none
  const TlsDetail* tls() const;
  const HttpDetail* upgrade() const;
  const HttpDetail* http() const;  // through a proxy without handshake: the proxy's
  const HttpDetail* token_answer() const;
};

/// A finding being written.
struct Draft {
  std::string cause, subject, title;
  int index = 0;  // into Case::drafts
  Confidence confidence = Confidence::likely;
  bool info = false;                 // never more than a remark
  std::vector<std::size_t> failing;  // endpoints it explains
  std::vector<std::size_t> touched;  // endpoints at risk, or unknown because of it
  std::vector<EvidenceLine> evidence;
  std::size_t unsaid = 0;  // evidence left out of a long list
  std::vector<Alternative> alternatives;
  std::vector<std::string> steps;  // before those of the table of causes
  std::vector<DocLink> docs;

  void say(std::string text, const ProbeRecord* probe = nullptr);
  void say_also(std::string text, const ProbeRecord* probe = nullptr);  // beyond the bound of the list
  void or_else(std::string cause, std::string text);
};

/// What became of the questions to one nameserver.
struct ServerState {
  std::string server;
  bool configured = false;  // one of the node's own, not only the control at 168.63.129.16
  int asked = 0, answered = 0;
  int beaten = 0;  // silent where another server answered
  const ProbeRecord* silent_at = nullptr;
  Reply silence = Reply::silent;         // or port_refused, unreachable
  double waited_ms = 0;                  // the longest that one try waited in silence; 0 where none is known
  std::optional<double> quickest_ms;     // of its messages, whatever they say
  const ProbeRecord* slowest = nullptr;  // what it took longest to answer rightly, but for follow-ups
  double slowest_ms = 0;
  const ProbeRecord* random = nullptr;        // the random-label control
  std::vector<std::string> random_addresses;  // what it gave for a name that cannot exist

  bool dead() const { return asked > 0 && answered == 0; }
  /// Whatever it answered took longer than anybody waited for what it did not. A port that refuses is not
  /// late.
  bool only_late() const {
    return answered > 0 && silence == Reply::silent && quickest_ms.value_or(0) > waited_ms;
  }
  bool faulty() const { return dead() || (beaten >= 3 && !only_late()); }  // contract section 4
};

struct Case {
  const Facts& facts;
  std::vector<Trail> trails;  // parallel to Plan::endpoints
  std::deque<Draft> drafts;
  std::unordered_map<std::string, std::size_t> draft_index;  // by cause and subject
  std::map<std::string, ServerState> servers;
  std::unordered_map<std::string, std::vector<const ProbeRecord*>> controls;   // by control name
  std::unordered_map<std::string, std::vector<const ProbeRecord*>> follow_up;  // by target
  std::unordered_map<std::string, std::vector<const ProbeRecord*>>
      direct;  // beside a proxied path, by target

  /// The draft of this cause and subject, made when there is none.
  Draft& draft(std::string_view cause, std::string subject);
  bool has(std::string_view cause) const;
  void claim(Draft& draft, Trail& trail);
  /// Puts an endpoint that did not fail on a draft.
  void touch(Draft& draft, Trail& trail);

  /// What each configured server says of the trail's name, in the node's order; Azure DNS where it is a
  /// control is apart.
  std::vector<NameView> configured_views(const Trail& trail) const;
  /// The same of another name that was asked for it: with a search suffix.
  std::vector<NameView> configured_views(const DnsDetail& names, std::string_view name) const;
  std::optional<NameView> azure_view(const Trail& trail) const;

  Whereabouts place(const std::string& address) const;
  bool on_link(const std::string& address) const;  // inside a prefix of an interface of this node
  const ProbeRecord* follow_up_of(const Trail& trail, std::string_view control) const;
  /// All follow-ups of this name that were asked of `target`, a trail's target or host.
  std::vector<const ProbeRecord*> follow_ups_at(const std::string& target, std::string_view control) const;
  /// All of this name, whatever they were asked of.
  std::vector<const ProbeRecord*> follow_ups_named(std::string_view control) const;
};

/// Reads plan and evidence; `facts` must outlive the result.
Case open_case(const Facts& facts);

/// The name with a search suffix whose addresses were used, since the documented name itself gave none: libc
/// goes on to it, and it leads elsewhere. "" for any other. What a control says counts for neither.
std::string detour_of(const Case& c, const Trail& trail);

/// The two halves of open_case, a file each: what the servers did, and the trails.
void read_servers(Case& c);
void read_trails(Case& c);
void judge_names(Case& c);

/// The trail of the workspace's own API name, whose addresses its compute instances must share
/// (how-to-custom-dns); null where it is not planned, has no address or is wrong itself.
const Trail* workspace_api(const Case& c);

}  // namespace amlnet
