// Follows glibc's reader of resolv.conf (resolv/res_init.c), its search (resolv/res_query.c) and its reader
// of the hosts file (nss/nss_files) in what they accept, down to what looks like a slip: a keyword must start
// its line, and a nameserver line with a carriage return names no server.
#include "probes/resolver_config.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "probes/ascii.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostNameservers = 3;  // MAXNS
constexpr std::size_t kMostSearch = 32;
constexpr int kMostNdots = 15;  // RES_MAXNDOTS
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kSpaces = " \t\r\n\v\f";

// Cuts the next line off `text`.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  for (auto at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(separators, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return words;
}

template <class Address>
std::optional<std::string> written(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(family, &address, text.data(), text.size())) return std::nullopt;
  return text.data();
}

// IPv4 in any of inet_aton's forms, or IPv6 with an optional scope.
std::optional<std::string> read_nameserver(const std::string& word) {
  in_addr v4{};
  const bool clean = word.find_first_of(kSpaces) == std::string::npos && word.find('\0') == std::string::npos;
  if (clean && inet_aton(word.c_str(), &v4) != 0) return written(AF_INET, v4);
  const auto percent = word.find('%');
  in6_addr v6{};
  if (!clean || inet_pton(AF_INET6, word.substr(0, percent).c_str(), &v6) != 1) return std::nullopt;
  std::optional<std::string> address = written(AF_INET6, v6);
  if (!address || percent == std::string::npos) return address;
  return *address + word.substr(percent);
}

// As glibc: what does not start with a number is 0, and a negative one wraps round in its 4 bits.
int read_ndots(std::string_view text) {
  long value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return value > kMostNdots || read.ec == std::errc::result_out_of_range
             ? kMostNdots
             : static_cast<int>(value & kMostNdots);
}

std::vector<std::string> read_search(const std::vector<std::string_view>& words, std::size_t most) {
  std::vector<std::string> search;
  for (const std::string_view word : words)
    if (search.size() < most) search.push_back(lower_case(word));
  return search;
}

void read_line(std::string_view line, ResolverConfig& config) {
  const auto end = line.find_first_of(kBlanks);
  if (line.empty() || line[0] == '#' || line[0] == ';' || end == std::string_view::npos) return;
  const std::string_view keyword = line.substr(0, end);
  const std::vector<std::string_view> words = split(line.substr(end), kBlanks);
  if (words.empty()) return;
  if (keyword == "nameserver" && config.nameservers.size() < kMostNameservers) {
    if (const auto server = read_nameserver(std::string(words[0]))) config.nameservers.push_back(*server);
  } else if (keyword == "domain") {
    config.search = read_search(words, 1);
  } else if (keyword == "search") {
    config.search = read_search(words, kMostSearch);
  } else if (keyword == "options") {
    for (const std::string_view word : words)
      if (word.starts_with("ndots:")) config.ndots = read_ndots(word.substr(6));
  }
}

std::optional<std::string> read_address(const std::string& word) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, word.c_str(), &v4) == 1) return written(AF_INET, v4);
  if (inet_pton(AF_INET6, word.c_str(), &v6) == 1) return written(AF_INET6, v6);
  return std::nullopt;
}

}  // namespace

ResolverConfig parse_resolv_conf(std::string_view text) {
  ResolverConfig config;
  while (!text.empty()) read_line(next_line(text), config);
  config.defaulted = config.nameservers.empty();
  if (config.defaulted) config.nameservers.emplace_back("127.0.0.1");
  return config;
}

HostsFile parse_hosts(std::string_view text) {
  HostsFile hosts;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::vector<std::string_view> words = split(line.substr(0, line.find('#')), kSpaces);
    const std::optional<std::string> address =
        words.empty() ? std::nullopt : read_address(std::string(words[0]));
    if (!address) continue;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i].ends_with('.')) continue;  // libc compares the text: no program asks for it so
      std::vector<std::string>& addresses = hosts[lower_case(words[i])];
      if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
        addresses.push_back(*address);
    }
  }
  return hosts;
}

std::vector<std::string> names_to_try(std::string_view name, const ResolverConfig& config) {
  const bool absolute = name.ends_with('.');
  const std::string bare = lower_case(absolute ? name.substr(0, name.size() - 1) : name);
  if (bare.empty()) return {};
  const auto dots = std::count(bare.begin(), bare.end(), '.');
  std::vector<std::string> names;
  if (absolute || dots >= config.ndots) names.push_back(bare);
  if (absolute) return names;
  for (std::string_view domain : config.search) {
    if (domain.starts_with('.')) domain.remove_prefix(1);
    if (domain.ends_with('.')) domain.remove_suffix(1);
    names.push_back(domain.empty() ? bare : bare + "." + std::string(domain));
  }
  names.push_back(bare);
  std::vector<std::string> once;
  for (std::string& candidate : names)
    if (std::find(once.begin(), once.end(), candidate) == once.end()) once.push_back(std::move(candidate));
  return once;
}

}  // namespace amlnet
