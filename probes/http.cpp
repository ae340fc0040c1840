// What keeps curl from doing more than was asked: the address is pinned (CONNECT_TO, or RESOLVE for a proxy's
// name), the environment's proxy variables are shut out (PROXY and NOPROXY are always set), connections are
// never reused, and no trust store is loaded, which would cost 10 ms a request for a verdict that the TLS
// probe gives.
#include "probes/http.h"

#include <curl/curl.h>

#include <array>
#include <asio/ip/address.hpp>
#include <asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "probes/ascii.h"
#include "probes/curl_url.h"
#include "probes/http_answer.h"
#include "probes/loop/curl_loop.h"
#include "probes/proxy.h"
#include "probes/proxy_bridge.h"
#include "probes/websocket.h"

namespace amlnet {
namespace {

constexpr const char* kUserAgent = "amlnet/" AMLNET_VERSION;

struct Free {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// An easy handle and all that it points to while it runs, so it stays where it is.
struct Request {
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  std::unique_ptr<curl_slist, Free> connect_to, resolve, headers;
  std::array<char, CURL_ERROR_SIZE> words{};
  HttpAnswer answer;
  std::unique_ptr<CURL, Free> easy{curl_easy_init()};
};

template <typename Value>
void set(Request& request, CURLoption option, Value value) {
  curl_easy_setopt(request.easy.get(), option, value);
}

template <typename Value>
Value info_of(const Request& request, CURLINFO what) {
  Value value{};
  curl_easy_getinfo(request.easy.get(), what, &value);
  return value;
}

double ms_of(const Request& request, CURLINFO what) {
  return static_cast<double>(info_of<curl_off_t>(request, what)) / 1000.0;
}

// Curl takes what follows a 101 for a body without an end.
std::size_t on_header(char* data, std::size_t, std::size_t size, void* request) {
  HttpAnswer& answer = static_cast<Request*>(request)->answer;
  return take_header_line(answer, {data, size}) && !has_switched(answer) ? size : 0;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* request) {
  return take_body(static_cast<Request*>(request)->answer, {data, size}) ? size : 0;
}

void append(std::unique_ptr<curl_slist, Free>& list, const std::string& text) {
  curl_slist* head = list.release();
  curl_slist* longer = curl_slist_append(head, text.c_str());
  list.reset(longer != nullptr ? longer : head);
}

WireError unusable(std::string text) {
  return {Failure::other, ErrorSource::amlnet, 0, std::move(text)};
}

// What every request has in common.
void prepare(Request& request) {
  set(request, CURLOPT_NOSIGNAL, 1L);
  set(request, CURLOPT_FRESH_CONNECT, 1L);
  set(request, CURLOPT_PROTOCOLS_STR, "http,https");
  set(request, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(request, CURLOPT_HTTP09_ALLOWED, 1L);  // to keep what a peer says that is not HTTP
  set(request, CURLOPT_USERAGENT, kUserAgent);
  set(request, CURLOPT_BUFFERSIZE, 4096L);
  for (const CURLoption verify : {CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST,
                                  CURLOPT_PROXY_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYHOST})
    set(request, verify, 0L);
  for (const CURLoption store : {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH})
    set(request, store, static_cast<const char*>(nullptr));
  set(request, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(request, CURLOPT_PROXY, "");
  set(request, CURLOPT_NOPROXY, "");
  set(request, CURLOPT_ERRORBUFFER, request.words.data());
  set(request, CURLOPT_HEADERFUNCTION, on_header);
  set(request, CURLOPT_HEADERDATA, &request);
  set(request, CURLOPT_WRITEFUNCTION, on_body);
  set(request, CURLOPT_WRITEDATA, &request);
}

// What goes to a proxy over TLS, its credentials among it, leaves only once the proxy has proved who it is.
void verify_proxy(Request& request, const HttpSpec& spec) {
  set(request, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
  set(request, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  if (!spec.ca_file.empty()) set(request, CURLOPT_PROXY_CAINFO, spec.ca_file.c_str());
  if (!spec.ca_path.empty()) set(request, CURLOPT_PROXY_CAPATH, spec.ca_path.c_str());
}

WireError go_through_proxy(Request& request, const HttpSpec& spec, bool tunnel) {
  ProxyAddress proxy;
  if (!parse_proxy(spec.proxy, proxy)) return unusable("the proxy's URL cannot be read");
  request.answer.detail.proxy = proxy.shown;
  request.answer.detail.proxy_credentials = proxy.credentials;
  request.answer.proxy_first = tunnel && proxy.shown.starts_with("http");
  append(request.resolve,
         with_brackets(proxy.host) + ":" + std::to_string(proxy.port) + ":" + with_brackets(spec.address));
  set(request, CURLOPT_RESOLVE, request.resolve.get());
  set(request, CURLOPT_PROXY, leaving_names_to_proxy(spec.proxy, proxy.shown).c_str());
  set(request, CURLOPT_HTTPPROXYTUNNEL, tunnel ? 1L : 0L);
  if (proxy.shown.starts_with("https:")) verify_proxy(request, spec);
  return {};
}

WireError choose_path(Request& request, const HttpSpec& spec, bool tunnel) {
  std::error_code no_address;
  asio::ip::make_address(spec.address, no_address);
  if (no_address) return unusable("the address is not numeric");
  if (!spec.proxy.empty()) return go_through_proxy(request, spec, tunnel);
  append(request.connect_to, "::" + with_brackets(spec.address) + ":" + std::to_string(spec.port));
  set(request, CURLOPT_CONNECT_TO, request.connect_to.get());
  return {};
}

WireError add_headers(Request& request, const HttpSpec& spec) {
  std::vector<std::pair<std::string, std::string>> all = spec.headers;
  if (is_websocket_url(spec.url)) add_upgrade_headers(all);
  for (const auto& [name, value] : all) {
    if (has_control_byte(name) || has_control_byte(value)) return unusable("a header holds a control byte");
    std::string line = name;
    line.append(value.empty() ? ";" : ": ").append(value);  // curl's way to send an empty one
    append(request.headers, line);
  }
  set(request, CURLOPT_HTTPHEADER, request.headers.get());
  return {};
}

// A secret leaves only on a connection whose peer has proved who it is.
void verify(Request& request, const HttpSpec& spec) {
  set(request, CURLOPT_SSL_VERIFYPEER, 1L);
  set(request, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!spec.ca_file.empty()) set(request, CURLOPT_CAINFO, spec.ca_file.c_str());
  if (!spec.ca_path.empty()) set(request, CURLOPT_CAPATH, spec.ca_path.c_str());
}

void add_body(Request& request, const HttpSpec& spec) {
  set(request, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(spec.body.size()));
  set(request, CURLOPT_COPYPOSTFIELDS, spec.body.data());
}

WireError set_up(Request& request, const HttpSpec& spec) {
  HttpDetail& detail = request.answer.detail;
  detail.method = spec.method;
  request.answer.body_limit = spec.body_limit;
  detail.address = spec.address;
  detail.port = spec.port;
  const std::string url = clean_url(http_url_of(spec.url));
  detail.url = is_websocket_url(spec.url) ? websocket_url_of(url) : url;
  if (url.empty()) return unusable("not an http, https or WebSocket URL");
  if (spec.method.empty() || has_control_byte(spec.method)) return unusable("not a method");
  prepare(request);
  if (spec.verified) verify(request, spec);
  set(request, CURLOPT_FORBID_REUSE, 1L);
  set(request, CURLOPT_URL, url.c_str());
  if (spec.method == "HEAD")
    set(request, CURLOPT_NOBODY, 1L);
  else if (spec.method == "POST" || !spec.body.empty())
    add_body(request, spec);
  if (spec.method != "HEAD" && spec.method != "GET" && spec.method != "POST")
    set(request, CURLOPT_CUSTOMREQUEST, spec.method.c_str());
  if (WireError error = add_headers(request, spec)) return error;
  return choose_path(request, spec, url.starts_with("https:"));
}

WireError set_up_tunnel(Request& request, const HttpSpec& spec, const std::string& host, std::uint16_t port) {
  HttpDetail& detail = request.answer.detail;
  detail.method = "CONNECT";
  detail.address = spec.address;
  detail.port = spec.port;
  detail.url = with_brackets(host) + ":" + std::to_string(port);
  const std::string url = plain_url(host, port);
  if (url.empty()) return unusable("not a host name");
  if (spec.proxy.empty()) return unusable("no proxy to tunnel through");
  prepare(request);
  set(request, CURLOPT_URL, url.c_str());
  set(request, CURLOPT_CONNECT_ONLY, 1L);
  if (WireError error = choose_path(request, spec, true)) return error;
  return {};
}

// Curl's own words, which may quote the peer: printable ASCII, at most 200 bytes.
std::string words_of(const Request& request) {
  std::string out = std::string(request.words.data()).substr(0, 200);
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

WireError curl_error(const Request& request, CURLcode code) {
  const long os_errno = info_of<long>(request, CURLINFO_OS_ERRNO);
  WireError error = from_curl(code, os_errno);
  if (!error) return error;
  // Two codes that say something else than they mean: broken chunks are a "receive error" without an errno,
  // and a header line without a colon in a proxy's answer is a "bad argument" (7.88).
  const bool chunked = has_header(request.answer.detail, "transfer-encoding", "chunked");
  if ((code == CURLE_RECV_ERROR && os_errno == 0 && chunked) ||
      (code == CURLE_BAD_FUNCTION_ARGUMENT && request.answer.is_http))
    error.failure = Failure::http_malformed;
  if (request.words.front() != '\0') error.text = words_of(request);
  return error;
}

WireError verdict(const Request& request, TransferEnd end, CURLcode code) {
  const HttpAnswer& answer = request.answer;
  if (end == TransferEnd::cancelled) return was_cancelled();
  if (answer.headers_over)
    return {Failure::http_too_large, ErrorSource::amlnet, 0, "more than 16 KiB of headers"};
  if (answer.proxy_first && answer.detail.proxy_status >= 300)
    return {Failure::proxy_refused, ErrorSource::amlnet, answer.detail.proxy_status,
            "the proxy answered CONNECT with " + std::to_string(answer.detail.proxy_status)};
  if (!answer.is_http && answer.header_bytes + answer.detail.body.data.size() > 0)
    return {Failure::http_malformed, ErrorSource::amlnet, 0, "the answer has no HTTP status line"};
  if (answer.detail.body_truncated) return {};
  if (has_switched(answer)) return error_of_switch(answer.detail);
  if (end == TransferEnd::deadline) return timed_out();
  if (code == CURLE_OK && answer.in_block)  // curl takes the end of the stream for the end of the headers
    return {Failure::closed, ErrorSource::amlnet, 0, "the peer closed inside the headers"};
  return curl_error(request, code);
}

void settle(Request& request, TransferEnd end, CURLcode code) {
  HttpDetail& detail = request.answer.detail;
  detail.connect_ms = ms_of(request, CURLINFO_CONNECT_TIME_T);
  detail.tls_ms = ms_of(request, CURLINFO_APPCONNECT_TIME_T);
  detail.first_byte_ms = ms_of(request, CURLINFO_STARTTRANSFER_TIME_T);
  detail.error = verdict(request, end, code);
}

// A request whose connection is spoken on after it, and what curl needs for that. The transfer goes first.
struct Tunnel {
  Request request;
  std::optional<Transfer> transfer;
};

}  // namespace

struct HttpClient::Impl {
  explicit Impl(asio::any_io_executor executor) : loop(std::move(executor)) {}
  CurlLoop loop;
};

HttpClient::HttpClient(asio::any_io_executor executor) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(ready);
  impl_ = std::make_unique<Impl>(std::move(executor));
}

HttpClient::~HttpClient() = default;

asio::awaitable<HttpDetail> ask_http(HttpClient& client, HttpSpec spec, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Request request;
  request.answer.detail.error = set_up(request, spec);
  if (request.answer.detail.error) co_return std::move(request.answer.detail);
  Transfer transfer(client.impl().loop, request.easy.get(), deadline);
  const TransferEnd end = co_await transfer.ended();
  settle(request, end, transfer.code());
  co_return std::move(request.answer.detail);
}

asio::awaitable<HttpDetail> open_tunnel(HttpClient& client, asio::ip::tcp::socket& socket, HttpSpec spec,
                                        std::string host, std::uint16_t port, Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto tunnel = std::make_shared<Tunnel>();
  HttpDetail& detail = tunnel->request.answer.detail;
  detail.error = set_up_tunnel(tunnel->request, spec, host, port);
  if (detail.error) co_return std::move(detail);
  CURL* easy = tunnel->request.easy.get();
  tunnel->transfer.emplace(client.impl().loop, easy, deadline);
  const TransferEnd end = co_await tunnel->transfer->ended();
  settle(tunnel->request, end, tunnel->transfer->code());
  const bool inside_tls = detail.proxy.starts_with("https:");
  if (!detail.error)
    detail.error = inside_tls ? bridge_connection(tunnel, easy, socket) : take_connection(easy, socket);
  co_return std::move(detail);
}

}  // namespace amlnet
