// curl decides twice, on the variables for the scheme and then on NO_PROXY, and both decisions hold
// surprises: an empty variable counts as unset, HTTP_PROXY is ignored (a CGI server's clients could set it by
// a "Proxy:" header), NO_PROXY entries may be parted by blanks, a port in one matches nothing. The tests
// compare every row with libcurl itself.
#include "probes/proxy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "probes/ascii.h"
#include "probes/curl_url.h"
#include "probes/target.h"

namespace amlnet {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// The variable's value, "" when unset; `name` is in lower case and wins over upper case.
std::string value_of(const ProxyEnvironment& environment, const std::string& name, bool also_upper) {
  const auto found = environment.find(name);
  if (found != environment.end() && !found->second.empty()) return found->second;
  if (!also_upper) return "";
  const auto shouted = environment.find(upper(name));
  return shouted == environment.end() ? "" : shouted->second;
}

// Whether the first `bits` bits are the same; 0 compares all of them, as curl does for "/0" too.
bool same_prefix(const std::string& a, const std::string& b, unsigned bits) {
  if (a.size() != b.size() || bits > a.size() * 8) return false;
  if (bits == 0) return a == b;
  const std::size_t whole = bits / 8;
  if (a.compare(0, whole, b, 0, whole) != 0) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  return ((static_cast<unsigned char>(a[whole]) ^ static_cast<unsigned char>(b[whole])) >> (8 - rest)) == 0;
}

bool covers_address(std::string_view entry, const std::string& address) {
  const std::size_t slash = entry.find('/');
  unsigned bits = 0;
  if (slash != std::string_view::npos) {
    const std::string_view digits = entry.substr(slash + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  }
  const auto network = address_bytes(std::string(entry.substr(0, slash)));
  return network && same_prefix(*network, address, bits);
}

std::string_view without_trailing_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// Equal, or a parent domain.
bool covers_name(std::string_view entry, std::string_view name) {
  entry = without_trailing_dot(entry);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (!name.ends_with(entry)) return false;
  return name.size() == entry.size() || name[name.size() - entry.size() - 1] == '.';
}

bool no_proxy_covers(std::string_view list, std::string_view host) {
  if (list == "*") return true;  // only when it stands alone
  const std::string name = lower_case(without_trailing_dot(host));
  const auto address = address_bytes(name);
  constexpr std::string_view kSeparators = ", \t";
  while (true) {
    const std::size_t start = list.find_first_not_of(kSeparators);
    if (start == std::string_view::npos) return false;
    list.remove_prefix(start);
    const std::size_t end = std::min(list.find_first_of(kSeparators), list.size());
    const std::string entry = lower_case(list.substr(0, end));
    if (address ? covers_address(entry, *address) : covers_name(entry, name)) return true;
    list.remove_prefix(end);
  }
}

bool is_proxy_scheme(std::string_view scheme) {
  constexpr std::array<std::string_view, 6> kSchemes = {"http",   "https",   "socks4",
                                                        "socks5", "socks4a", "socks5h"};
  return scheme == "socks" || std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

}  // namespace

std::string proxy_for(std::string_view scheme, std::string_view host, const ProxyEnvironment& environment) {
  if (environment.empty()) return "";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string variable = lower_case(scheme) + "_proxy";
  std::string proxy = value_of(environment, variable, variable != "http_proxy");
  if (proxy.empty()) proxy = value_of(environment, "all_proxy", true);
  if (proxy.empty() || no_proxy_covers(value_of(environment, "no_proxy", true), host)) return "";
  return proxy;
}

bool parse_proxy(std::string_view url, ProxyAddress& out) {
  const ParsedUrl parsed(curl_url());
  const std::string text(url);
  // As curl reads a proxy: a missing scheme is guessed, unknown ones are let through to be refused below.
  constexpr unsigned kFlags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
  if (curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(), kFlags) != CURLUE_OK) return false;
  const std::string scheme = url_part(parsed, CURLUPART_SCHEME);
  const std::string host = url_part(parsed, CURLUPART_HOST);
  if (!is_proxy_scheme(scheme) || host.empty()) return false;
  std::string port = url_part(parsed, CURLUPART_PORT);
  if (port.empty()) port = scheme == "https" ? "443" : "1080";
  unsigned number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  if (number == 0 || number > 65535) return false;
  const bool bracketed = host.front() == '[';
  out.host = bracketed ? host.substr(1, host.size() - 2) : host;
  out.port = static_cast<std::uint16_t>(number);
  out.shown = scheme + "://" + host + ":" + port;
  out.credentials =
      !url_part(parsed, CURLUPART_USER).empty() || !url_part(parsed, CURLUPART_PASSWORD).empty();
  return true;
}

}  // namespace amlnet
