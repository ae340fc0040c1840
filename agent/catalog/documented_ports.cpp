// Ports and transports in the words of documentation, declared in documented_names.h.
#include <algorithm>
#include <cctype>
#include <optional>

#include "agent/catalog/documented_names.h"

namespace amlnet {
namespace {

constexpr std::uint32_t widest_range = 1000;

struct Token {
  std::optional<Transport> transport;
  std::uint32_t low = 0, high = 0;  // 0 for a transport
};

std::string word_at(std::string_view text, std::size_t at) {
  std::string word;
  while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) && word.size() < 12)
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at++])));
  return word;
}

std::optional<Transport> transport_of(const std::string& word) {
  if (word == "tcp" || word == "https" || word == "http") return Transport::tcp;
  if (word == "udp") return Transport::udp;
  return std::nullopt;
}

std::uint32_t number_at(std::string_view text, std::size_t& at) {
  std::uint32_t value = 0;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at)
    value = std::min<std::uint32_t>(value * 10 + static_cast<std::uint32_t>(text[at] - '0'), 100'000);
  return value;
}

/// Transports, ports and ranges of one line in their order; sets `any` for "*" and "Any".
std::vector<Token> tokens_of(std::string_view line, bool& any) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < line.size();) {
    if (std::isdigit(static_cast<unsigned char>(line[at]))) {
      Token token;
      token.low = token.high = number_at(line, at);
      if (at + 1 < line.size() && line[at] == '-' && std::isdigit(static_cast<unsigned char>(line[at + 1])))
        token.high = number_at(line, ++at);
      tokens.push_back(token);
    } else if (const std::string word = word_at(line, at); !word.empty()) {
      if (const auto transport = transport_of(word)) tokens.push_back({transport, 0, 0});
      any = any || word == "any";
      while (at < line.size() && std::isalnum(static_cast<unsigned char>(line[at]))) ++at;
    } else {
      any = any || line.substr(at) == "*" || line.substr(at) == "\\*";
      ++at;
    }
  }
  return tokens;
}

void add_port(const Token& token, Transport transport, PrintedPorts& out) {
  if (token.low == 0 || token.high > 65535 || token.high < token.low) return;
  if (token.high - token.low >= widest_range) {
    out.any = true;
    return;
  }
  for (std::uint32_t port = token.low; port <= token.high; ++port)
    out.ports.insert({transport, static_cast<std::uint16_t>(port)});
}

/// "TCP 80, UDP 53" or "80 TCP, 53 UDP": what the first transport stands before or behind decides. Several in
/// a row hold together.
void read_line(std::string_view line, Transport fallback, PrintedPorts& out) {
  std::vector<Token> tokens = tokens_of(line, out.any);
  if (tokens.empty()) return;
  const bool forward = tokens.front().transport.has_value();
  if (!forward) std::reverse(tokens.begin(), tokens.end());
  Transport transport = fallback;
  bool fresh = true;  // no transport in this run yet
  for (const Token& token : tokens) {
    if (!token.transport) {
      add_port(token, transport, out);
      fresh = true;
      continue;
    }
    transport = fresh || transport == *token.transport ? *token.transport : Transport::either;
    fresh = false;
  }
}

}  // namespace

PrintedPorts ports_in(std::string_view markdown, Transport transport) {
  PrintedPorts out;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('<'), markdown.size());
    read_line(markdown.substr(0, end), transport, out);
    const std::size_t close = markdown.find('>', end);
    markdown.remove_prefix(close == markdown.npos ? markdown.size() : close + 1);
  }
  return out;
}

Transport transport_in(std::string_view markdown) {
  bool any = false, tcp = false, udp = false;
  for (const Token& token : tokens_of(markdown, any)) {
    tcp = tcp || token.transport == Transport::tcp;
    udp = udp || token.transport == Transport::udp;
  }
  return tcp == udp ? Transport::either : tcp ? Transport::tcp : Transport::udp;
}

}  // namespace amlnet
