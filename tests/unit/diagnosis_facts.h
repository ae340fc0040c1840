// Facts made by hand for the diagnosis tests: a small world in which everything works, and the ways to break
// it. A test breaks one thing and reads the findings.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/diagnosis/diagnosis.h"

namespace amlnet::test {

/// What one nameserver says of one name.
struct Says {
  std::string server = "10.0.0.4";
  std::vector<std::string> chain;      // CNAME targets
  std::vector<std::string> addresses;  // none with rcode 0: no record
  int rcode = 0;
  Failure failure = Failure::none;  // instead of a message
  bool truncated = false;
  double ms = 2;
};

/// What became of one host; the default is an endpoint that passes everywhere.
struct Host {
  std::string name;
  std::uint16_t port = 443;
  Protocol protocol = Protocol::tls;
  Origin origin = Origin::documented;
  Scope scope = Scope::any;
  bool scope_known = true;
  std::string answerer, service_tag, expected_address, ca_file;
  Level level = Level::required;

  std::vector<Says> dns = {{"10.0.0.4", {}, {"20.60.1.1"}}};
  std::vector<std::string> hosts_file, searched;
  bool search_first = false;
  std::vector<std::string> used;  // addresses the later stages used; by default those of the first answer

  Failure connect = Failure::none;
  std::map<std::string, Failure> connect_at;  // addresses that differ from `connect`
  std::optional<IcmpError> icmp;
  Failure handshake = Failure::none;
  std::size_t bytes_received = 0;
  std::optional<int> alert;
  std::vector<std::string> chain = {"microsoft-leaf", "microsoft-ca"};
  bool name_matches = true;
  int verify = 0;
  long status = 200;  // HTTP, where the protocol has it
  std::string body;
  std::map<std::string, std::string> headers;
  Failure http = Failure::none;
  std::optional<std::int64_t> date;
  std::string proxy;        // "" is direct
  long proxy_status = 200;  // 0: no answer, with `http` as the error
  bool direct_too = false;  // beside the proxied path a direct TLS control that passes
};

class World {
 public:
  World();

  /// Adds the endpoint, its requirement of the same name, and the records of its probes.
  World& add(Host host);
  World& canary(std::uint16_t port, bool connects);
  World& random_label(const Says& says);
  World& follow_up(const std::string& target, const std::string& control, const std::string& server_name,
                   bool answered, std::size_t bytes_received = 0);
  /// A brief connection of a follow-up.
  World& connected_again(const std::string& target, const std::string& control, TcpDetail tcp);
  /// The control with a large ClientHello.
  World& large_hello(const std::string& target, bool answered);
  /// A follow-up that asks `name` again.
  World& repeated(const std::string& name, const Says& says);
  /// The questions for these names were lost with EDNS and answered without.
  World& lose_edns(const std::vector<std::string>& names);
  /// A follow-up with another Host header; status 0 is no answer.
  World& asked_with_host(const std::string& target, const std::string& control, const std::string& host,
                         long status);
  /// What the service says to a request with a token, as the run keeps it.
  World& shown_a_token(const std::string& target, long status, const std::string& refusal,
                       const std::string& client_address = "");
  World& certificate(const std::string& id, const std::string& issuer, const std::string& organization,
                     bool self_signed = false);

  Facts facts() const { return {plan, workspace, node, evidence, kStart}; }
  /// Also fails the test where a finding that is not certain names no alternative (contract section 3).
  Diagnosis diagnosis() const;

  static constexpr std::int64_t kStart = 1774000000;
  Plan plan;
  Workspace workspace;
  Node node;
  Evidence evidence;

 private:
  ProbeRecord& record(ProbeKind kind, std::string target, bool ok);
  std::string add_dns(const Host& host);
  void add_direct(const Host& host, const std::string& address, const std::string& dns);
  void add_proxied(const Host& host);
  void add_tls(const Host& host, const std::string& address, const std::string& after, Purpose purpose);
  void add_http(const Host& host, const std::string& address, const std::string& after);
};

WireError error_of(Failure failure);
DnsAnswer answer_of(const Says& says, const std::string& name, const std::string& type);

Host named(std::string name, std::uint16_t port = 443);
/// A private endpoint as it should be: privatelink CNAME, private address, scope private.
Host private_endpoint(const std::string& account, const std::string& service, const std::string& address);

/// "cause[subject]" of every finding that is no mere remark, in order.
std::vector<std::string> blamed(const Diagnosis& diagnosis);
const Finding* find(const Diagnosis& diagnosis, const std::string& cause);

}  // namespace amlnet::test
