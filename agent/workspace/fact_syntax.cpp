#include "agent/workspace/fact_syntax.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace amlnet {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_alnum(char c) {
  return is_letter(c) || is_digit(c);
}

/// All characters pass `allowed`, and there are `least` to `most` of them.
template <class Allowed>
bool all(std::string_view text, std::size_t least, std::size_t most, Allowed allowed) {
  return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

bool is_region(std::string_view text) {
  return all(text, 2, 40, [](char c) { return is_lower(c) || is_digit(c); });
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool is_label(std::string_view text) {
  return all(text, 1, 63, [](char c) { return is_alnum(c) || c == '-'; }) && text.front() != '-' &&
         text.back() != '-';
}

bool is_host_name(std::string_view text) {
  if (text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  bool last_has_letter = false;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (!is_label(label)) return false;
    last_has_letter = std::any_of(label.begin(), label.end(), is_letter);
    if (dot == std::string_view::npos) return last_has_letter;
    text.remove_prefix(dot + 1);
  }
}

bool is_address(std::string_view text) {
  const std::string address(text);
  unsigned char bytes[16];
  return inet_pton(AF_INET, address.c_str(), bytes) == 1 || inet_pton(AF_INET6, address.c_str(), bytes) == 1;
}

bool is_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string address(text.substr(0, slash));
  const std::string_view length = text.substr(slash + 1);
  unsigned char bytes[16] = {};
  const std::size_t size = inet_pton(AF_INET, address.c_str(), bytes) == 1    ? 4
                           : inet_pton(AF_INET6, address.c_str(), bytes) == 1 ? 16
                                                                              : 0;
  std::size_t bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  if (size == 0 || error != std::errc() || end != length.data() + length.size() || bits > size * 8)
    return false;
  for (std::size_t bit = bits; bit < size * 8; ++bit) {
    if (bytes[bit / 8] & (0x80 >> bit % 8)) return false;
  }
  return true;
}

bool is_workspace_name(std::string_view text) {
  return all(text, 3, 33, [](char c) { return is_alnum(c) || c == '-' || c == '_'; }) &&
         is_alnum(text.front());
}

bool is_resource_group(std::string_view text) {
  return all(text, 1, 90, [](char c) {
    return is_alnum(c) || std::string_view("._-()").find(c) != std::string_view::npos;
  });
}

bool is_storage_account(std::string_view text) {
  return all(text, 3, 24, [](char c) { return is_lower(c) || is_digit(c); });
}

bool is_vault_name(std::string_view text) {
  return text.size() >= 3 && text.size() <= 24 && is_label(text);
}

bool is_registry_name(std::string_view text) {
  return all(text, 5, 50, is_alnum);
}

}  // namespace amlnet
