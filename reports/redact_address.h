// Pseudonyms for IP addresses that keep what is known about them: their kind, and which share a prefix. Used
// by the Redactor. An address is 4 or 16 bytes in network order.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace amlnet {

/// As inet_ntop(3) writes it.
std::string address_text(const std::string& ip);

/// Loopback, link-local, documentation, multicast and 168.63.129.16 (RFC 6890): they tell nothing about
/// anybody.
bool is_same_everywhere(const std::string& ip);

/// Bytes that nobody can compute without the key; at least one.
using KeyedFunction = std::function<std::string(std::string_view)>;
/// Two addresses that share a prefix share one as long afterwards; private ones stay private.
std::string mapped_address(const std::string& ip, const KeyedFunction& keyed);

/// `mapped` is the pseudonym of `ip`, and `after` what follows it in the text. Where that is a prefix length
/// and `ip` a network, not an address in one, the host part stays zero.
std::string without_host_part(std::string mapped, const std::string& ip, std::string_view after);

}  // namespace amlnet
