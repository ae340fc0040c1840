// A change that mends a failure, one struct a kind, and what a report asks for as a whole. Made by
// remedies(), written by the writers of script.h. Every name and address in here has been checked: it is what
// it is called.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

/// A firewall lets these names pass by what it reads of HTTP or TLS.
struct ApplicationRule {
  std::string scheme;  // "Http" or "Https"
  int port = 0;
  std::vector<std::string> hosts;
};

/// A firewall lets packets to these names pass.
struct NetworkRule {
  std::string protocol;  // "TCP" or "UDP"
  int port = 0;
  std::vector<std::string> hosts;
};

/// A network security group lets packets pass, to one service tag or to private addresses.
struct SecurityRule {
  std::string protocol;
  int port = 0;
  std::vector<std::string> destinations;
};

/// Outbound rules of a workspace's managed network: a name on ports 80 and 443, a service tag, a private
/// endpoint.
struct OutboundHost {
  std::string host;
};
struct OutboundTag {
  std::string tag;
  std::string protocol;
  int port = 0;
};
struct OutboundEndpoint {
  std::string resource;      // its name, "stws1"
  std::string sub_resource;  // blob, file, dfs, queue, table, vault, registry, amlworkspace
  bool spark = false;        // Spark jobs need an endpoint of their own
};

/// A private DNS zone, seen from the VNet whose DNS answers.
struct ZoneLink {
  std::string zone;
};

/// An A record in a private DNS zone.
struct ZoneRecord {
  std::string zone;
  std::string name;     // below the zone
  std::string address;  // "" where nobody has declared it
};

using RuleKind = std::variant<ApplicationRule, NetworkRule, SecurityRule, OutboundHost, OutboundTag,
                              OutboundEndpoint, ZoneLink, ZoneRecord>;

/// Why a rule is there: a requirement that fails, and the finding that says why. Texts of the finding are
/// hostile.
struct RuleSource {
  std::string finding, cause;
  Confidence confidence = Confidence::candidate;
  std::string requirement;
  Level level = Level::required;
  std::vector<DocReference> docs;
};

struct Rule {
  std::string name;  // unique; 3 to 33 lower-case letters, digits and hyphens, a letter first
  RuleKind kind;
  std::vector<RuleSource> sources;
};

/// A failure that no rule mends, in the words of its finding, which are hostile.
struct ByHand {
  std::string finding, cause, title;
  std::string reason;  // why there is no rule
  std::vector<std::string> requirements, endpoints;
  Fix fix;
};

/// What the report says of the resources to change; "" where it does not. Checked like the rules.
struct KnownResources {
  std::string subscription, group, workspace;
};

struct Remedies {
  std::vector<Rule> rules;
  std::vector<ByHand> by_hand;
  std::vector<std::string> notes;  // what holds for all of them
  bool foreign_firewall = false;   // firewall rules are for one that is not Azure's
  KnownResources known;
  std::string started, hostname;  // of the run; hostile
};

}  // namespace amlnet
