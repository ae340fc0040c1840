// From a question to an answer: the message is made by c-ares, carried by an AresChannel (one for UDP, one
// for TCP, made when first needed) and read by read_dns_message().
#include "probes/dns.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/loop/ares_channel.h"

namespace amlnet {
namespace {

constexpr std::uint16_t kDnsPort = 53;
// What we say we can take over UDP: fits every path without fragments (DNS flag day 2020).
constexpr int kUdpSize = 1232;

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// "ADDRESS", "IPV4:PORT", "[ADDRESS]" or "[ADDRESS]:PORT".
std::optional<asio::ip::udp::endpoint> read_endpoint(std::string_view text) {
  std::string_view host = text, port;
  const auto colon = text.rfind(':');
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    if (const std::string_view rest = text.substr(bracket + 1); !rest.empty()) {
      if (rest[0] != ':' || rest.size() == 1) return std::nullopt;
      port = rest.substr(1);
    }
  } else if (colon != std::string_view::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) return std::nullopt;
  }
  std::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  const std::optional<std::uint16_t> number = port.empty() ? kDnsPort : read_port(port);
  if (error || !number) return std::nullopt;
  return asio::ip::udp::endpoint(address, *number);
}

std::string shown_name(std::string given) {
  if (given.ends_with(":53") && std::count(given.begin(), given.end(), ':') == 1)
    given.resize(given.size() - 3);
  if (given.starts_with('[') && given.ends_with("]:53")) return given.substr(1, given.size() - 5);
  if (given.starts_with('[') && given.ends_with(']')) return given.substr(1, given.size() - 2);
  return given;
}

// c-ares would read a backslash as an escape and stop at a zero byte; no host name has either, or a space.
bool may_be_asked(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

// The message that asks `question`, its id to be filled in. Empty, with `error` set, for a name that cannot
// be asked for.
std::vector<unsigned char> question_message(const DnsSpec& question, WireError& error) {
  if (!may_be_asked(question.name)) {
    error = {Failure::dns_bad_name, ErrorSource::amlnet, 0, "a name with bytes that no host name has"};
    return {};
  }
  unsigned char* bytes = nullptr;
  int size = 0;
  const int type = question.type == "AAAA" ? ns_t_aaaa : ns_t_a;
  error = from_cares(ares_create_query(question.name.c_str(), ns_c_in, type, 0, 1, &bytes, &size,
                                       question.edns ? kUdpSize : 0));
  std::vector<unsigned char> message;
  if (!error) message.assign(bytes, bytes + size);
  ares_free_string(bytes);
  return message;
}

}  // namespace

struct Nameserver::Impl {
  asio::any_io_executor executor;
  std::string name;
  std::optional<asio::ip::udp::endpoint> server;
  std::unique_ptr<AresChannel> udp, tcp;
};

namespace {

AresChannel& channel_for(Nameserver::Impl& impl, bool over_tcp) {
  std::unique_ptr<AresChannel>& channel = over_tcp ? impl.tcp : impl.udp;
  if (!channel)
    channel = std::make_unique<AresChannel>(impl.executor, *impl.server,
                                            over_tcp ? DnsTransport::tcp : DnsTransport::udp);
  return *channel;
}

// The count of additional records: of a question, whether it has an OPT record (RFC 6891, section 6.1.1).
bool has_additional(const std::vector<unsigned char>& question) {
  return question.size() >= 12 && (question[10] | question[11]) != 0;
}

asio::awaitable<DnsAnswer> ask_server(Nameserver::Impl& impl, DnsSpec question, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  DnsAnswer answer;
  answer.server = impl.name;
  answer.name = question.name;
  answer.type = question.type;
  answer.transport = question.tcp ? "tcp" : "udp";
  answer.edns = question.edns;
  if (!impl.server) {
    answer.error = {Failure::other, ErrorSource::amlnet, 0, "the nameserver is no address"};
    co_return answer;
  }
  std::vector<unsigned char> message = question_message(question, answer.error);
  if (answer.error) co_return answer;
  AresChannel& channel = channel_for(impl, question.tcp);
  AresReply reply = co_await channel.ask(std::move(message), deadline);
  answer.duration_ms = reply.duration_ms;
  answer.error = std::move(reply.error);
  if (!reply.earlier.empty()) {
    answer.attempts = 0;
    answer.edns = has_additional(reply.earlier);
  }
  if (!answer.error) read_dns_message(reply.message.data(), reply.message.size(), answer);
  co_return answer;
}

}  // namespace

Nameserver::Nameserver(asio::any_io_executor executor, std::string server) : impl_(std::make_unique<Impl>()) {
  impl_->executor = std::move(executor);
  impl_->server = read_endpoint(server);
  impl_->name = shown_name(std::move(server));
}

Nameserver::~Nameserver() = default;

const std::string& Nameserver::name() const {
  return impl_->name;
}

const std::optional<asio::ip::udp::endpoint>& Nameserver::endpoint() const {
  return impl_->server;
}

asio::awaitable<DnsAnswer> Nameserver::ask(DnsSpec question, Deadline deadline) {
  return ask_server(*impl_, std::move(question), deadline);
}

}  // namespace amlnet
