// A Bicep file. One deployment goes to one resource group, and firewall, security group, workspace and zones
// mostly lie in several: where more than one is changed, each has a switch, and the file is deployed to each
// group with the others off.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/remedy/script.h"
#include "agent/remedy/writers.h"

namespace amlnet {
namespace {

enum class Part { firewall, security_group, workspace, zones };

Part part_of(const RuleKind& kind) {
  if (std::holds_alternative<ApplicationRule>(kind) || std::holds_alternative<NetworkRule>(kind))
    return Part::firewall;
  if (std::holds_alternative<SecurityRule>(kind)) return Part::security_group;
  if (std::holds_alternative<ZoneLink>(kind) || std::holds_alternative<ZoneRecord>(kind)) return Part::zones;
  return Part::workspace;
}

std::string_view switch_of(Part part) {
  switch (part) {
    case Part::firewall:
      return "deployFirewall";
    case Part::security_group:
      return "deploySecurityGroup";
    case Part::workspace:
      return "deployWorkspace";
    case Part::zones:
      break;
  }
  return "deployZones";
}

/// A JSON-like array on one line: Bicep takes commas within one.
std::string array_of(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + bicep_string(value);
  return "[" + out + "]";
}

/// "param NAME TYPE" with its description; with a default where `value` is not "".
std::string parameter(std::string_view name, std::string_view type, std::string_view meaning,
                      std::string_view value = {}) {
  const std::string otherwise = value.empty() ? "" : fmt::format(" = {}", value);
  return fmt::format("@description({})\nparam {} {}{}\n", bicep_string(meaning), name, type, otherwise);
}

class BicepFile {
 public:
  BicepFile(const Remedies& found, bool switches) : found_(found), switches_(switches) {}

  void add(const Rule& rule) {
    const Part part = part_of(rule.kind);
    if (switches_)
      need(std::string(switch_of(part)),
           parameter(switch_of(part), "bool", "Whether to change this part", "true"));
    const std::string comment = comments("// ", rule_lines(rule));
    std::visit([&](const auto& kind) { write(rule, kind, comment); }, rule.kind);
  }

  std::string text() const {
    std::string out;
    for (const std::string& one : order_) out += parameters_.at(one);
    return out + body_ + firewall();
  }

 private:
  void need(const std::string& name, std::string text) {
    if (parameters_.emplace(name, std::move(text)).second) order_.push_back(name);
  }

  std::string condition(Part part) const { return switches_ ? fmt::format("if ({}) ", switch_of(part)) : ""; }

  void need_source() {
    need("sourcePrefix",
         parameter("sourcePrefix", "string", "Address prefix of the compute's subnet, as 10.0.1.0/24"));
  }

  /// The resource that others are parts of; declared once.
  void existing(std::string_view id, std::string_view type, std::string_view name) {
    const std::string text =
        fmt::format("\nresource {} '{}' existing = {{\n  name: {}\n}}\n", id, type, name);
    if (body_.find(text) == std::string::npos) body_ += text;
  }

  void add_collection(const Rule& rule, const std::string& comment, const std::string& members) {
    need("firewallPolicyName", parameter("firewallPolicyName", "string", "Name of the firewall's policy"));
    need("ruleGroupPriority",
         parameter("ruleGroupPriority", "int",
                   "A free priority for a rule collection group of the policy, 100 to 65000"));
    need_source();
    collections_ += indented(comment, "      ");
    collections_ += fmt::format(
        "      {{\n        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'\n        name: {0}\n"
        "        priority: {1}\n        action: {{\n          type: 'Allow'\n        }}\n        rules: [\n"
        "          {{\n            name: {0}\n            sourceAddresses: [sourcePrefix]\n{2}          }}\n"
        "        ]\n      }}\n",
        bicep_string(rule.name), 100 + collection_count_++, members);
  }

  std::string firewall() const {
    if (collections_.empty()) return "";
    return fmt::format(
        "\nresource firewallPolicy 'Microsoft.Network/firewallPolicies@2023-11-01' existing = {{\n"
        "  name: firewallPolicyName\n}}\n"
        "\nresource ruleGroup 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2023-11-01' = {}{{\n"
        "  parent: firewallPolicy\n  name: 'amlnet'\n  properties: {{\n    priority: ruleGroupPriority\n"
        "    ruleCollections: [\n{}    ]\n  }}\n}}\n",
        condition(Part::firewall), collections_);
  }

  void write(const Rule& rule, const ApplicationRule& kind, const std::string& comment) {
    add_collection(
        rule, comment,
        fmt::format("            ruleType: 'ApplicationRule'\n            protocols: [\n"
                    "              {{\n                protocolType: {}\n                port: {}\n"
                    "              }}\n            ]\n            targetFqdns: {}\n",
                    bicep_string(kind.scheme), kind.port, array_of(kind.hosts)));
  }

  void write(const Rule& rule, const NetworkRule& kind, const std::string& comment) {
    add_collection(rule, comment,
                   fmt::format("            ruleType: 'NetworkRule'\n            ipProtocols: [{}]\n"
                               "            destinationFqdns: {}\n            destinationPorts: ['{}']\n",
                               bicep_string(kind.protocol), array_of(kind.hosts), kind.port));
  }

  void write(const Rule& rule, const SecurityRule& kind, const std::string& comment) {
    need("securityGroupName",
         parameter("securityGroupName", "string", "Name of the security group of the compute's subnet"));
    need("securityRulePriority",
         parameter(
             "securityRulePriority", "int",
             "First of free priorities of the security group, one for each rule here, before every rule that "
             "denies"));
    need_source();
    existing("securityGroup", "Microsoft.Network/networkSecurityGroups@2023-11-01", "securityGroupName");
    const bool one = kind.destinations.size() == 1;
    body_ += fmt::format(
        "\n{}resource {} 'Microsoft.Network/networkSecurityGroups/securityRules@2023-11-01' = {}{{\n"
        "  parent: securityGroup\n  name: {}\n  properties: {{\n    priority: securityRulePriority + {}\n"
        "    direction: 'Outbound'\n    access: 'Allow'\n    protocol: '{}'\n    sourceAddressPrefix: "
        "sourcePrefix\n"
        "    sourcePortRange: '*'\n    {}\n    destinationPortRange: '{}'\n  }}\n}}\n",
        comment, identifier(rule.name), condition(Part::security_group), bicep_string(rule.name),
        security_rules_++, kind.protocol == "UDP" ? "Udp" : "Tcp",
        one ? "destinationAddressPrefix: " + bicep_string(kind.destinations.front())
            : "destinationAddressPrefixes: " + array_of(kind.destinations),
        kind.port);
  }

  void add_outbound(const Rule& rule, const std::string& comment, const std::string& members) {
    const std::string& name = found_.known.workspace;
    need("workspaceName", parameter("workspaceName", "string", "Name of the workspace",
                                    name.empty() ? "" : bicep_string(name)));
    existing("workspace", "Microsoft.MachineLearningServices/workspaces@2024-04-01", "workspaceName");
    body_ += fmt::format(
        "\n{}resource {} 'Microsoft.MachineLearningServices/workspaces/outboundRules@2024-04-01' = {}{{\n"
        "  parent: workspace\n  name: {}\n  properties: {{\n    category: 'UserDefined'\n{}  }}\n}}\n",
        comment, identifier(rule.name), condition(Part::workspace), bicep_string(rule.name), members);
  }

  void write(const Rule& rule, const OutboundHost& kind, const std::string& comment) {
    add_outbound(rule, comment,
                 fmt::format("    type: 'FQDN'\n    destination: {}\n", bicep_string(kind.host)));
  }

  void write(const Rule& rule, const OutboundTag& kind, const std::string& comment) {
    add_outbound(rule, comment,
                 fmt::format("    type: 'ServiceTag'\n    destination: {{\n      serviceTag: {}\n"
                             "      protocol: {}\n      portRanges: '{}'\n    }}\n",
                             bicep_string(kind.tag), bicep_string(kind.protocol), kind.port));
  }

  void write(const Rule& rule, const OutboundEndpoint& kind, const std::string& comment) {
    const std::string id = "resourceId_" + identifier(kind.resource);
    need(id, parameter(id, "string", fmt::format("Resource id of {}", kind.resource)));
    add_outbound(rule, comment,
                 fmt::format("    type: 'PrivateEndpoint'\n    destination: {{\n      serviceResourceId: {}\n"
                             "      subresourceTarget: {}\n      sparkEnabled: {}\n    }}\n",
                             id, bicep_string(kind.sub_resource), kind.spark));
  }

  /// The zone's symbolic name; zones may come with more than one link or record.
  std::string zone(const std::string& name) {
    std::string id = "zone_";
    for (const char c : name) id += c == '.' || c == '-' ? '_' : c;
    existing(id, "Microsoft.Network/privateDnsZones@2020-06-01", bicep_string(name));
    return id;
  }

  void write(const Rule& rule, const ZoneLink& kind, const std::string& comment) {
    need("virtualNetworkId",
         parameter("virtualNetworkId", "string", "Resource id of the VNet whose DNS the node asks"));
    const std::string parent = zone(kind.zone);
    body_ += fmt::format(
        "\n{}resource {} 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {}{{\n"
        "  parent: {}\n  name: {}\n  location: 'global'\n  properties: {{\n    registrationEnabled: false\n"
        "    virtualNetwork: {{\n      id: virtualNetworkId\n    }}\n  }}\n}}\n",
        comment, identifier(rule.name), condition(Part::zones), parent, bicep_string(rule.name));
  }

  void write(const Rule& rule, const ZoneRecord& kind, const std::string& comment) {
    std::string address = bicep_string(kind.address);
    if (kind.address.empty()) {
      address = "address_" + identifier(rule.name);
      need(address,
           parameter(address, "string", fmt::format("Private address of {}.{}", kind.name, kind.zone)));
    }
    const std::string parent = zone(kind.zone);
    body_ += fmt::format(
        "\n{}resource {} 'Microsoft.Network/privateDnsZones/A@2020-06-01' = {}{{\n  parent: {}\n  name: {}\n"
        "  properties: {{\n    ttl: 10\n    aRecords: [\n      {{\n        ipv4Address: {}\n      }}\n    ]\n"
        "  }}\n}}\n",
        comment, identifier(rule.name), condition(Part::zones), parent, bicep_string(kind.name), address);
  }

  const Remedies& found_;
  const bool switches_;
  std::map<std::string, std::string> parameters_;
  std::vector<std::string> order_;
  std::string body_, collections_;
  int collection_count_ = 0, security_rules_ = 0;
};

}  // namespace

std::string remedies_bicep(const Remedies& found) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : found.rules)
    if (!is_foreign(found, rule)) rules.push_back(&rule);
  const bool switches = std::ranges::any_of(
      rules, [&](const Rule* rule) { return part_of(rule->kind) != part_of(rules.front()->kind); });
  BicepFile file(found, switches);
  for (const Rule* rule : rules) file.add(*rule);
  std::string out = comments("// ", head_lines(found));
  if (switches)
    out += comments("// ",
                    {"Deploy it to the resource group of each part, with the switches of the others off."});
  if (!rules.empty()) out += '\n' + file.text();
  const std::vector<std::string> remaining = remaining_lines(found);
  return remaining.empty() ? out : out + '\n' + comments("// ", remaining);
}

}  // namespace amlnet
