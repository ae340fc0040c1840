// A Terraform module. Resources and arguments are those of the provider azurerm 4, as its registry page lists
// them.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "agent/remedy/script.h"
#include "agent/remedy/writers.h"

namespace amlnet {
namespace {

constexpr std::string_view kProvider =
    "terraform {\n  required_providers {\n    azurerm = {\n      source  = \"hashicorp/azurerm\"\n"
    "      version = \"~> 4.0\"\n    }\n  }\n}\n";

/// Arguments in order; values are expressions.
using Attributes = std::vector<std::pair<std::string_view, std::string>>;

std::string list_of(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ", ") + hcl_string(value);
  return "[" + out + "]";
}

std::string attributes(const Attributes& all, std::string_view indent) {
  std::size_t width = 0;
  for (const auto& [name, value] : all) width = std::max(width, name.size());
  std::string out;
  for (const auto& [name, value] : all) out += fmt::format("{}{:<{}} = {}\n", indent, name, width, value);
  return out;
}

std::string resource(std::string_view type, const Rule& rule, const Attributes& all) {
  return fmt::format("resource {} {} {{\n{}}}\n", hcl_string(type), hcl_string(identifier(rule.name)),
                     attributes(all, "  "));
}

class Module {
 public:
  explicit Module(const Remedies& found) : found_(found) {}

  void add(const Rule& rule) {
    const std::string comment = comments("# ", rule_lines(rule));
    std::visit([&](const auto& kind) { write(rule, kind, comment); }, rule.kind);
  }

  std::string text() const {
    std::string out(kProvider);
    for (const std::string& name : order_) out += variables_.at(name);
    out += body_;
    if (collections_.empty()) return out;
    return out + fmt::format(
                     "\nresource \"azurerm_firewall_policy_rule_collection_group\" \"amlnet\" {{\n"
                     "  name               = \"amlnet\"\n  firewall_policy_id = var.firewall_policy_id\n"
                     "  priority           = var.rule_group_priority\n{}}}\n",
                     collections_);
  }

 private:
  /// The expression for a variable, declared once; with a default where `value`, an expression, is not "".
  std::string need(const std::string& name, std::string_view type, std::string_view meaning,
                   std::string_view value = {}) {
    Attributes all{{"type", std::string(type)}, {"description", hcl_string(meaning)}};
    if (!value.empty()) all.emplace_back("default", value);
    const std::string text = fmt::format("\nvariable {} {{\n{}}}\n", hcl_string(name), attributes(all, "  "));
    if (variables_.emplace(name, text).second) order_.push_back(name);
    return "var." + name;
  }

  std::string source() {
    return need("source_prefix", "string", "Address prefix of the compute's subnet, as 10.0.1.0/24");
  }

  void add_collection(const Rule& rule, const std::string& comment, std::string_view kind,
                      const std::string& blocks, Attributes members) {
    need("firewall_policy_id", "string", "Resource id of the firewall's policy");
    need("rule_group_priority", "number",
         "A free priority for a rule collection group of the policy, 100 to 65000");
    const std::string name = hcl_string(rule.name);
    members.insert(members.begin(), {{"name", name}, {"source_addresses", fmt::format("[{}]", source())}});
    const Attributes head{
        {"name", name}, {"priority", fmt::format("{}", 100 + collection_count_++)}, {"action", "\"Allow\""}};
    collections_ += fmt::format("\n{}  {} {{\n{}    rule {{\n{}{}    }}\n  }}\n", indented(comment, "  "),
                                kind, attributes(head, "    "), attributes(members, "      "), blocks);
  }

  void write(const Rule& rule, const ApplicationRule& kind, const std::string& comment) {
    add_collection(rule, comment, "application_rule_collection",
                   fmt::format("      protocols {{\n        type = {}\n        port = {}\n      }}\n",
                               hcl_string(kind.scheme), kind.port),
                   {{"destination_fqdns", list_of(kind.hosts)}});
  }

  void write(const Rule& rule, const NetworkRule& kind, const std::string& comment) {
    add_collection(rule, comment, "network_rule_collection", "",
                   {{"protocols", fmt::format("[{}]", hcl_string(kind.protocol))},
                    {"destination_fqdns", list_of(kind.hosts)},
                    {"destination_ports", fmt::format("[\"{}\"]", kind.port)}});
  }

  void write(const Rule& rule, const SecurityRule& kind, const std::string& comment) {
    const std::string priority =
        need("security_rule_priority", "number",
             "First of free priorities of the security group, one for each rule here, before "
             "every rule that denies");
    const bool one = kind.destinations.size() == 1;
    body_ +=
        '\n' + comment +
        resource("azurerm_network_security_rule", rule,
                 {{"name", hcl_string(rule.name)},
                  {"resource_group_name",
                   need("security_group_resource_group", "string", "Resource group of the security group")},
                  {"network_security_group_name", need("security_group_name", "string",
                                                       "Name of the security group of the compute's subnet")},
                  {"priority", fmt::format("{} + {}", priority, security_rules_++)},
                  {"direction", "\"Outbound\""},
                  {"access", "\"Allow\""},
                  {"protocol", kind.protocol == "UDP" ? "\"Udp\"" : "\"Tcp\""},
                  {"source_port_range", "\"*\""},
                  {"source_address_prefix", source()},
                  {one ? "destination_address_prefix" : "destination_address_prefixes",
                   one ? hcl_string(kind.destinations.front()) : list_of(kind.destinations)},
                  {"destination_port_range", fmt::format("\"{}\"", kind.port)}});
  }

  std::string workspace() {
    const KnownResources& known = found_.known;
    const bool all = !known.subscription.empty() && !known.group.empty() && !known.workspace.empty();
    const std::string id = fmt::format(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        known.subscription, known.group, known.workspace);
    return need("workspace_id", "string", "Resource id of the workspace", all ? hcl_string(id) : "");
  }

  void add_outbound(const Rule& rule, const std::string& comment, std::string_view type,
                    const Attributes& more) {
    Attributes all{{"name", hcl_string(rule.name)}, {"workspace_id", workspace()}};
    all.insert(all.end(), more.begin(), more.end());
    body_ +=
        '\n' + comment +
        resource(fmt::format("azurerm_machine_learning_workspace_network_outbound_rule_{}", type), rule, all);
  }

  void write(const Rule& rule, const OutboundHost& kind, const std::string& comment) {
    add_outbound(rule, comment, "fqdn", {{"destination_fqdn", hcl_string(kind.host)}});
  }

  void write(const Rule& rule, const OutboundTag& kind, const std::string& comment) {
    add_outbound(rule, comment, "service_tag",
                 {{"service_tag", hcl_string(kind.tag)},
                  {"protocol", hcl_string(kind.protocol)},
                  {"port_ranges", fmt::format("\"{}\"", kind.port)}});
  }

  void write(const Rule& rule, const OutboundEndpoint& kind, const std::string& comment) {
    if (kind.sub_resource == "registry") {
      body_ +=
          '\n' + comment + "# The provider has no such rule for registries: use --format az-cli or bicep.\n";
      return;
    }
    add_outbound(rule, comment, "private_endpoint",
                 {{"service_resource_id", need("resource_id_" + identifier(kind.resource), "string",
                                               fmt::format("Resource id of {}", kind.resource))},
                  {"sub_resource_target", hcl_string(kind.sub_resource)},
                  {"spark_enabled", kind.spark ? "true" : "false"}});
  }

  std::string zone_group() {
    return need("dns_resource_group", "string", "Resource group of the private DNS zones");
  }

  void write(const Rule& rule, const ZoneLink& kind, const std::string& comment) {
    const std::string network =
        need("virtual_network_id", "string", "Resource id of the VNet whose DNS the node asks");
    body_ += '\n' + comment +
             resource("azurerm_private_dns_zone_virtual_network_link", rule,
                      {{"name", hcl_string(rule.name)},
                       {"resource_group_name", zone_group()},
                       {"private_dns_zone_name", hcl_string(kind.zone)},
                       {"virtual_network_id", network},
                       {"registration_enabled", "false"}});
  }

  void write(const Rule& rule, const ZoneRecord& kind, const std::string& comment) {
    const std::string address = kind.address.empty()
                                    ? need("address_" + identifier(rule.name), "string",
                                           fmt::format("Private address of {}.{}", kind.name, kind.zone))
                                    : hcl_string(kind.address);
    body_ += '\n' + comment +
             resource("azurerm_private_dns_a_record", rule,
                      {{"name", hcl_string(kind.name)},
                       {"resource_group_name", zone_group()},
                       {"zone_name", hcl_string(kind.zone)},
                       {"ttl", "10"},
                       {"records", fmt::format("[{}]", address)}});
  }

  const Remedies& found_;
  std::map<std::string, std::string> variables_;
  std::vector<std::string> order_;
  std::string body_, collections_;
  int collection_count_ = 0, security_rules_ = 0;
};

}  // namespace

std::string remedies_terraform(const Remedies& found) {
  Module module(found);
  bool any = false;
  for (const Rule& rule : found.rules) {
    if (is_foreign(found, rule)) continue;
    module.add(rule);
    any = true;
  }
  std::string out = comments("# ", head_lines(found));
  if (any) out += '\n' + module.text();
  const std::vector<std::string> remaining = remaining_lines(found);
  return remaining.empty() ? out : out + '\n' + comments("# ", remaining);
}

}  // namespace amlnet
