// A script for the Azure CLI. Options are those of its reference at learn.microsoft.com/cli/azure; firewall
// commands need its extension azure-firewall, those of the workspace its extension ml, which it installs by
// itself.
#include <fmt/format.h>

#include <algorithm>

#include "agent/remedy/script.h"
#include "agent/remedy/writers.h"

namespace amlnet {
namespace {

/// A variable of the environment. Without a value the script ends where it is not set.
struct ShellVariable {
  std::string name, meaning, value;
};

using Arguments = std::vector<std::pair<std::string_view, std::string>>;

const ShellVariable kSource{"SOURCE_PREFIX", "address prefix of the subnet of the compute, as 10.0.1.0/24",
                            ""};
const ShellVariable kZoneGroup{"DNS_RESOURCE_GROUP", "resource group of the private DNS zones", ""};

/// `text` inside "${NAME:?...}", where quotes, dollars and braces would mean something.
std::string message_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view(" .,-_/").find(c) != std::string_view::npos;
    out += plain ? c : '?';
  }
  return out;
}

std::string used(const ShellVariable& variable) {
  return fmt::format("\"${}\"", variable.name);
}

std::string words_of(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : " ") + shell_word(value);
  return out;
}

std::string command(std::string_view name, const Arguments& arguments) {
  std::string out = fmt::format("az {}", name);
  for (const auto& [option, value] : arguments) out += fmt::format(" \\\n  {} {}", option, value);
  return out + '\n';
}

/// Collects commands and the variables that they need, rule by rule.
class Script {
 public:
  explicit Script(const Remedies& found) : found_(found) {}

  void add(const Rule& rule) {
    body_ += '\n' + comments("# ", rule_lines(rule));
    std::visit([&](const auto& kind) { write(rule, kind); }, rule.kind);
  }

  std::string text() const {
    std::string out = "set -eu\n";
    for (const ShellVariable& variable : variables_) {
      if (variable.value.empty())
        out += fmt::format(": \"${{{}:?{}}}\"\n", variable.name, message_of(variable.meaning));
      else
        out += fmt::format("{0}=${{{0}:-{1}}}  # {2}\n", variable.name, shell_word(variable.value),
                           message_of(variable.meaning));
    }
    return out + body_;
  }

 private:
  std::string need(const ShellVariable& variable) {
    const bool known =
        std::ranges::any_of(variables_, [&](const auto& one) { return one.name == variable.name; });
    if (!known) variables_.push_back(variable);
    return used(variable);
  }

  /// The group that all collections of this script are in, created before the first.
  Arguments collection(const std::string& name) {
    const std::string policy = need({"FIREWALL_POLICY", "name of the policy of the firewall", ""});
    const std::string group =
        need({"FIREWALL_RESOURCE_GROUP", "resource group of the policy of the firewall", ""});
    const std::string priority =
        need({"RULE_GROUP_PRIORITY",
              "a free priority for a rule collection group of the policy, 100 to 65000", ""});
    const std::string source = need(kSource);
    if (collections_++ == 0)
      body_ += command("network firewall policy rule-collection-group create", {{"--resource-group", group},
                                                                                {"--policy-name", policy},
                                                                                {"--name", "'amlnet'"},
                                                                                {"--priority", priority}});
    return {{"--resource-group", group},
            {"--policy-name", policy},
            {"--rule-collection-group-name", "'amlnet'"},
            {"--name", shell_word(name)},
            {"--collection-priority", fmt::format("{}", 99 + collections_)},
            {"--action", "Allow"},
            {"--rule-name", shell_word(name)},
            {"--source-addresses", source}};
  }

  void add_collection(const std::string& name, const Arguments& more) {
    Arguments arguments = collection(name);
    arguments.insert(arguments.end(), more.begin(), more.end());
    body_ +=
        command("network firewall policy rule-collection-group collection add-filter-collection", arguments);
  }

  void write(const Rule& rule, const ApplicationRule& kind) {
    add_collection(rule.name, {{"--rule-type", "ApplicationRule"},
                               {"--protocols", fmt::format("{}={}", kind.scheme, kind.port)},
                               {"--target-fqdns", words_of(kind.hosts)}});
  }

  void write(const Rule& rule, const NetworkRule& kind) {
    add_collection(rule.name, {{"--rule-type", "NetworkRule"},
                               {"--ip-protocols", kind.protocol},
                               {"--destination-ports", fmt::format("{}", kind.port)},
                               {"--destination-fqdns", words_of(kind.hosts)}});
  }

  void write(const Rule& rule, const SecurityRule& kind) {
    need({"SECURITY_RULE_PRIORITY",
          "first of free priorities of the security group, one for each rule here, before every rule that "
          "denies",
          ""});
    body_ += command(
        "network nsg rule create",
        {{"--resource-group",
          need({"SECURITY_GROUP_RESOURCE_GROUP", "resource group of the security group", ""})},
         {"--nsg-name", need({"SECURITY_GROUP", "name of the network security group of the subnet", ""})},
         {"--name", shell_word(rule.name)},
         {"--priority", fmt::format("\"$((SECURITY_RULE_PRIORITY + {}))\"", security_rules_++)},
         {"--direction", "Outbound"},
         {"--access", "Allow"},
         {"--protocol", kind.protocol == "UDP" ? "Udp" : "Tcp"},
         {"--source-address-prefixes", need(kSource)},
         {"--source-port-ranges", "'*'"},
         {"--destination-address-prefixes", words_of(kind.destinations)},
         {"--destination-port-ranges", fmt::format("{}", kind.port)}});
  }

  void add_outbound(const std::string& name, const Arguments& more) {
    Arguments arguments{
        {"--resource-group",
         need({"WORKSPACE_RESOURCE_GROUP", "resource group of the workspace", found_.known.group})},
        {"--workspace-name", need({"WORKSPACE_NAME", "name of the workspace", found_.known.workspace})},
        {"--rule", shell_word(name)}};
    arguments.insert(arguments.end(), more.begin(), more.end());
    body_ += command("ml workspace outbound-rule set", arguments);
  }

  void write(const Rule& rule, const OutboundHost& kind) {
    add_outbound(rule.name, {{"--type", "fqdn"}, {"--destination", shell_word(kind.host)}});
  }

  void write(const Rule& rule, const OutboundTag& kind) {
    add_outbound(rule.name, {{"--type", "service_tag"},
                             {"--service-tag", shell_word(kind.tag)},
                             {"--protocol", kind.protocol},
                             {"--port-ranges", fmt::format("{}", kind.port)}});
  }

  void write(const Rule& rule, const OutboundEndpoint& kind) {
    const std::string id = need({"RESOURCE_ID_" + upper_identifier(kind.resource),
                                 fmt::format("resource id of {}", kind.resource), ""});
    add_outbound(rule.name, {{"--type", "private_endpoint"},
                             {"--service-resource-id", id},
                             {"--subresource-target", kind.sub_resource},
                             {"--spark-enabled", kind.spark ? "true" : "false"}});
  }

  void write(const Rule& rule, const ZoneLink& kind) {
    body_ += command(
        "network private-dns link vnet create",
        {{"--resource-group", need(kZoneGroup)},
         {"--zone-name", shell_word(kind.zone)},
         {"--name", shell_word(rule.name)},
         {"--virtual-network", need({"VNET_ID", "resource id of the VNet whose DNS the node asks", ""})},
         {"--registration-enabled", "false"}});
  }

  void write(const Rule& rule, const ZoneRecord& kind) {
    const std::string address =
        kind.address.empty() ? need({"ADDRESS_" + upper_identifier(rule.name),
                                     fmt::format("private address of {}.{}", kind.name, kind.zone), ""})
                             : shell_word(kind.address);
    body_ +=
        command("network private-dns record-set a add-record", {{"--resource-group", need(kZoneGroup)},
                                                                {"--zone-name", shell_word(kind.zone)},
                                                                {"--record-set-name", shell_word(kind.name)},
                                                                {"--ipv4-address", address}});
  }

  const Remedies& found_;
  std::vector<ShellVariable> variables_;
  std::string body_;
  int collections_ = 0, security_rules_ = 0;
};

}  // namespace

std::string remedies_az_cli(const Remedies& found) {
  std::string out = "#!/bin/sh\n" + comments("# ", head_lines(found));
  Script script(found);
  bool any = false;
  for (const Rule& rule : found.rules) {
    if (is_foreign(found, rule)) continue;
    script.add(rule);
    any = true;
  }
  if (any) out += '\n' + script.text();
  const std::vector<std::string> remaining = remaining_lines(found);
  return remaining.empty() ? out : out + '\n' + comments("# ", remaining);
}

}  // namespace amlnet
