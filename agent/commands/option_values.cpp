#include "agent/commands/option_values.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace amlnet {
namespace {

/// All of `text` as a number without a sign.
std::optional<long> digits_of(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1 &&
         text.find('\0') == std::string_view::npos;
}

bool is_port(std::string_view text) {
  return number_of(text, 1, 65535).has_value();
}

}  // namespace

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  constexpr std::array<std::pair<std::string_view, long>, 3> kUnits{{{"ms", 1}, {"s", 1000}, {"m", 60'000}}};
  constexpr long kMost = 7L * 24 * 60 * 60'000;  // steady_clock counts nanoseconds: far from its end
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const std::optional<long> count = digits_of(text.substr(0, text.size() - unit.size()));
    if (count && *count <= kMost / factor) return std::chrono::milliseconds(*count * factor);
  }
  return std::nullopt;
}

std::optional<int> number_of(std::string_view text, int least, int most) {
  const std::optional<long> value = digits_of(text);
  if (!value || *value < least || *value > most) return std::nullopt;
  return static_cast<int>(*value);
}

std::optional<std::vector<std::uint16_t>> ports_of(std::string_view text) {
  std::vector<std::uint16_t> ports;
  for (bool last = false; !last;) {
    const std::size_t comma = text.find(',');
    last = comma == std::string_view::npos;
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = number_of(part.substr(0, dash), 1, 65535);
    const auto end = dash == std::string_view::npos ? first : number_of(part.substr(dash + 1), 1, 65535);
    if (!first || !end || *end < *first) return std::nullopt;
    if (static_cast<std::size_t>(*end - *first) >= kMostPorts - ports.size()) return std::nullopt;
    for (int port = *first; port <= *end; ++port) ports.push_back(static_cast<std::uint16_t>(port));
    if (!last) text.remove_prefix(comma + 1);
  }
  return ports;
}

std::optional<bool> flag_of(std::string_view text) {
  for (const std::string_view yes : {"1", "true", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"", "0", "false", "no", "off"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = number_of(text.substr(0, 4), 1970, 9999);
  const auto month = number_of(text.substr(5, 2), 1, 12);
  const auto day = number_of(text.substr(8, 2), 1, 31);
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

bool is_server(std::string_view text) {
  if (is_address(AF_INET, text) || is_address(AF_INET6, text)) return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    return is_address(AF_INET6, host.substr(1, host.size() - 2));
  return is_address(AF_INET, host);
}

}  // namespace amlnet
