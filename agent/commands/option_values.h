// The values of options: each reader takes the text and gives the value, or nothing where the text is none.
// Used by the option table.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace amlnet {

/// "500ms", "5s", "2m", and a bare "0"; whole numbers, at most seven days.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

/// A whole number from `least` to `most`.
std::optional<int> number_of(std::string_view text, int least, int most);

inline constexpr std::size_t kMostPorts = 256;
/// "44224", "29876,29877", "20000-20009": ports from 1 to 65535 in the order given, at most kMostPorts.
std::optional<std::vector<std::uint16_t>> ports_of(std::string_view text);

/// "1", "true", "yes", "on" and their opposites, as the environment gives flags.
std::optional<bool> flag_of(std::string_view text);

/// Whether `text` is a day that exists, "2026-03-19".
bool is_date(std::string_view text);

/// Whether `text` is a nameserver: "10.0.0.4", "10.0.0.4:5353", "fd00::4", "[fd00::4]:5353".
bool is_server(std::string_view text);

}  // namespace amlnet
