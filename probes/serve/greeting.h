// How `amlnet reach` knows `amlnet listen` from anything else that accepts a connection: it asks for a path
// that ends in a nonce, and only the listener answers with the proof for it, and with what it sees and holds.
// Used by the listener, by the request and by diagnosis.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// What a path begins with that the listener answers to; the nonce follows.
inline constexpr std::string_view kGreetingPath = "/amlnet-reach/";

struct Greeting {
  std::string seen_from;            // "10.0.1.7:40312": whom the listener saw asking
  std::string asked_at;             // "10.0.3.8:44224": where it was asked
  std::vector<std::uint16_t> open;  // every port that it holds, in order
};

/// 32 hexadecimal digits that nobody can foresee.
std::string new_greeting_nonce();

/// The nonce at the end of a URL or path; "" where it has none of ours.
std::string greeting_nonce_in(std::string_view url);

/// The body that proves the listener to who asked with `nonce`.
std::string greeting_text(const Greeting& greeting, std::string_view nonce);

/// The greeting in `body`, the answer to a request for `url`. Nothing where the proof is not for the nonce of
/// that URL, or where a line is not as greeting_text() writes it: the peer is hostile until then.
std::optional<Greeting> read_greeting(std::string_view url, std::string_view body);

}  // namespace amlnet
