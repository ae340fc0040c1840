#include "agent/workspace/node_texts.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <vector>

namespace amlnet {
namespace {

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return fields;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

template <class Take>
void each_line(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<std::uint32_t> hex_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The kernel prints the bytes as they are in memory, as one number.
std::string address4(std::uint32_t number) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &number, text.data(), text.size());
  return text.data();
}

/// 32 hexadecimal digits.
std::string address6(std::string_view digits) {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t at = 0; at < bytes.size() && 2 * at + 1 < digits.size(); ++at)
    bytes[at] = static_cast<unsigned char>(hex_of(digits.substr(2 * at, 2)).value_or(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string route_line(const std::string& network, const std::string& gateway, std::string_view device,
                       std::uint32_t metric) {
  return fmt::format("{}{}{} dev {} metric {}\n", network, gateway.empty() ? "" : " via ", gateway, device,
                     metric);
}

/// Interface, destination, gateway, flags, two counts, metric (decimal), mask.
std::string route4(std::string_view line) {
  const std::vector<std::string_view> fields = fields_of(line);
  if (fields.size() < 8) return "";
  const auto destination = hex_of(fields[1]), gateway = hex_of(fields[2]), mask = hex_of(fields[7]);
  if (!destination || !gateway || !mask) return "";  // the heading
  std::uint32_t metric = 0;
  std::from_chars(fields[6].data(), fields[6].data() + fields[6].size(), metric);
  return route_line(fmt::format("{}/{}", address4(*destination), std::popcount(*mask)),
                    *gateway == 0 ? "" : address4(*gateway), fields[0], metric);
}

/// Destination, its length, source, its length, gateway, metric, two counts, flags (all hexadecimal),
/// interface.
std::string route6(std::string_view line) {
  const std::vector<std::string_view> fields = fields_of(line);
  if (fields.size() < 10 || fields[0].size() != 32 || fields[4].size() != 32 || fields[9] == "lo") return "";
  const auto length = hex_of(fields[1]), metric = hex_of(fields[5]);
  if (!length || !metric) return "";
  const std::string gateway = address6(fields[4]);
  return route_line(fmt::format("{}/{}", address6(fields[0]), *length), gateway == "::" ? "" : gateway,
                    fields[9], *metric);
}

}  // namespace

std::string without_comments(std::string_view text) {
  std::string out;
  each_line(text, [&](std::string_view line) {
    if (line.starts_with(';')) return;
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) (out += line) += '\n';
  });
  return out;
}

std::string route_lines(std::string_view ipv4_table, std::string_view ipv6_table) {
  std::string out;
  each_line(ipv4_table, [&](std::string_view line) { out += route4(line); });
  each_line(ipv6_table, [&](std::string_view line) { out += route6(line); });
  return out;
}

std::string address_lines(const Node& node) {
  std::string out;
  for (const Interface& one : node.interfaces)
    out += fmt::format("{} {}/{}\n", one.name, one.address, one.prefix);
  return out;
}

}  // namespace amlnet
