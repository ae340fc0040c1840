// Resolving one name as libc would, but asking every nameserver at once and keeping every answer. Later
// stages start as soon as the IPv4 addresses that libc would use are known; IPv6 addresses may follow, and
// slower servers only add evidence.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/run/session.h"

namespace amlnet {

/// One question to one server. `result` indexes DnsDetail::answers once the last attempt ended.
struct Question {
  std::size_t server = 0;
  std::string name;
  std::string type;
  bool ended = false;
  std::optional<std::size_t> result;
};

struct NameState {
  NameState(const asio::any_io_executor& executor, ProbeRecord& its_record);

  ProbeRecord& record;
  DnsDetail& detail;
  std::list<Question> questions;  // a deque's first block alone would be half a kilobyte a name
  bool decided = false;
  const Question* late = nullptr;                    // may add IPv6 addresses to what is decided
  bool searched = false;                             // the search-list names have been asked
  std::optional<Clock::time_point> grace_since;      // when a later server's answer was first ready
  std::unique_ptr<asio::steady_timer> grace;         // of grace_since; cancelled when decided
  asio::steady_timer ready;                          // cancelled when decided
  std::vector<std::function<void()>> when_complete;  // told once when `late` has ended
};

/// Whether `host` is an address, which needs no resolving.
bool is_numeric(const std::string& host);

/// Starts resolving `name` unless that has begun, and returns its state, which lives as long as the session.
NameState& resolve(Session& session, const std::string& name, Purpose purpose);

/// In a crowd of names, an IPv4 address that a connection waits for comes before an IPv6 address that decides
/// nothing: asks the questions that Session::ipv6_questions holds back, `after` the gate has opened.
asio::awaitable<void> ask_for_ipv6(Session& session, Milliseconds after);

/// Waits until the addresses are decided (or that there are none). False when cancelled.
asio::awaitable<bool> wait_for_addresses(NameState& name);

}  // namespace amlnet
