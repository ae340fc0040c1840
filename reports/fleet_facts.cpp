#include "reports/fleet_facts.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace amlnet {
namespace {

using Facts = std::vector<FleetFact>;
constexpr std::size_t kLongest = 300;

void add(Facts& facts, std::string_view name, std::string_view value) {
  if (!value.empty())
    facts.push_back({std::string(name.substr(0, kLongest)), std::string(value.substr(0, kLongest))});
}

void add_answer(Facts& facts, std::string_view name, std::optional<bool> value) {
  if (value) add(facts, name, *value ? "yes" : "no");
}

/// The leaves by their paths, elements of an array under the array's own. No deeper than the reader lets in.
void add_leaves(Facts& facts, const nlohmann::ordered_json& value, const std::string& path) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      const std::string name = path.empty() ? key : path + '.' + key;
      if (name != "sources" && name != "compute.name" && name != "region") add_leaves(facts, inner, name);
    }
  } else if (value.is_array()) {
    for (const auto& element : value) add_leaves(facts, element, path);
  } else if (value.is_boolean()) {
    add_answer(facts, path, value.get<bool>());
  } else if (!value.is_null()) {
    add(facts, path, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

/// The address with all bits behind the first `bits` cleared.
template <std::size_t Size>
std::string network(std::array<unsigned char, Size> address, int family, unsigned bits) {
  for (std::size_t byte = 0; byte < Size; ++byte) {
    const unsigned kept =
        std::clamp<unsigned>(bits > 8 * byte ? bits - 8 * static_cast<unsigned>(byte) : 0, 0, 8);
    address[byte] = static_cast<unsigned char>(address[byte] & (0xff00U >> kept));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address.data(), text.data(), text.size());
  return fmt::format("{}/{}", text.data(), bits);
}

}  // namespace

std::string subnet_of(std::string_view interface) {
  const std::size_t space = interface.rfind(' ');
  if (space != std::string_view::npos) interface.remove_prefix(space + 1);
  const std::size_t slash = interface.find('/');
  if (slash == std::string_view::npos) return "";
  const std::string address(interface.substr(0, slash));
  const std::string_view length = interface.substr(slash + 1);
  unsigned bits = 0;
  if (std::from_chars(length.data(), length.data() + length.size(), bits).ptr !=
      length.data() + length.size())
    return "";
  if (std::array<unsigned char, 4> ip{}; inet_pton(AF_INET, address.c_str(), ip.data()) == 1) {
    const bool local = ip[0] == 127 || (ip[0] == 169 && ip[1] == 254);
    return local || bits > 32 ? "" : network(ip, AF_INET, bits);
  }
  if (std::array<unsigned char, 16> ip{}; inet_pton(AF_INET6, address.c_str(), ip.data()) == 1) {
    const bool local = address == "::1" || (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
    return local || bits > 128 ? "" : network(ip, AF_INET6, bits);
  }
  return "";
}

std::vector<FleetFact> facts_of_node(const Report& report) {
  Facts facts;
  const Report::Node& node = report.node;
  for (const std::string& interface : node.interfaces) add(facts, "subnet", subnet_of(interface));
  for (const std::string& server : node.resolvers) add(facts, "resolver", server);
  for (const std::string& domain : node.search_domains) add(facts, "search_domain", domain);
  for (const auto& [variable, value] : node.proxy) add(facts, "proxy." + variable, value);
  add(facts, "region", node.region);
  add(facts, "vm_size", node.vm_size);
  add(facts, "os", node.os);
  add(facts, "kernel", node.kernel);
  add_answer(facts, "on_azure", node.on_azure);
  add_answer(facts, "default_route", node.default_route);
  add(facts, "amlnet", report.tool.version);
  add(facts, "catalog", report.tool.catalog_version);
  add(facts, "documentation", report.tool.catalog_date);
  if (report.workspace->is_object()) add_leaves(facts, *report.workspace, "");
  std::ranges::sort(facts);
  const auto rest = std::ranges::unique(facts);
  facts.erase(rest.begin(), rest.end());
  return facts;
}

}  // namespace amlnet
