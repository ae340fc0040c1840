// The proof is a hash of the nonce, no secret: a page that repeats the path it was asked for, an echo, a
// cache and a device that accepts for everybody all fail to give it. Who runs this program may of course
// answer as it does.
#include "probes/serve/greeting.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "probes/digest.h"

namespace amlnet {
namespace {

constexpr std::string_view kFirstLine = "amlnet-listen/1";
constexpr std::size_t kNonceDigits = 32, kMostOpen = 256, kLongestAddress = 64;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

std::string proof_for(std::string_view nonce) {
  return sha256_hex(fmt::format("{} {}", kFirstLine, nonce));
}

/// The rest of the next line, which must begin with `key` and a blank.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ') return std::nullopt;
  return line.substr(key.size() + 1);
}

bool is_address_and_port(std::string_view text) {
  return !text.empty() && text.size() <= kLongestAddress && std::ranges::all_of(text, [](char c) {
    return is_hex_digit(c) || c == '.' || c == ':' || c == '[' || c == ']';
  });
}

std::optional<std::vector<std::uint16_t>> ports_in(std::string_view list) {
  std::vector<std::uint16_t> ports;
  const char* at = list.data();
  const char* const end = at + list.size();
  while (ports.size() < kMostOpen) {
    std::uint16_t port = 0;
    const auto [stop, error] = std::from_chars(at, end, port);
    if (error != std::errc() || port == 0) return std::nullopt;
    ports.push_back(port);
    if (stop == end) return ports;
    if (*stop != ',') return std::nullopt;
    at = stop + 1;
  }
  return std::nullopt;
}

}  // namespace

std::string new_greeting_nonce() {
  std::random_device random;
  std::string nonce;
  while (nonce.size() < kNonceDigits) nonce += fmt::format("{:08x}", random());
  return nonce;
}

std::string greeting_nonce_in(std::string_view url) {
  const std::size_t at = url.find(kGreetingPath);
  if (at == std::string_view::npos) return "";
  const std::string_view nonce = url.substr(at + kGreetingPath.size());
  const bool ours = nonce.size() == kNonceDigits && std::ranges::all_of(nonce, is_hex_digit);
  return ours ? std::string(nonce) : "";
}

std::string greeting_text(const Greeting& greeting, std::string_view nonce) {
  return fmt::format("{}\nproof {}\nyou {}\nhere {}\nopen {}\n", kFirstLine, proof_for(nonce),
                     greeting.seen_from, greeting.asked_at, fmt::join(greeting.open, ","));
}

std::optional<Greeting> read_greeting(std::string_view url, std::string_view body) {
  const std::string nonce = greeting_nonce_in(url);
  const std::string first = fmt::format("{}\n", kFirstLine);
  if (nonce.empty() || !body.starts_with(first)) return std::nullopt;
  body.remove_prefix(first.size());
  const auto proof = take_line(body, "proof");
  if (!proof || proof->empty() || *proof != proof_for(nonce)) return std::nullopt;
  const auto you = take_line(body, "you"), here = take_line(body, "here"), open = take_line(body, "open");
  if (!you || !here || !open || !body.empty()) return std::nullopt;
  auto ports = ports_in(*open);
  if (!is_address_and_port(*you) || !is_address_and_port(*here) || !ports) return std::nullopt;
  return Greeting{std::string(*you), std::string(*here), std::move(*ports)};
}

}  // namespace amlnet
