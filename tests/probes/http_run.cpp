#include "http_run.h"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <utility>

namespace amlnet::http_test {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

asio::awaitable<Tunnelled> speak(HttpClient& client, HttpSpec spec, std::string host, std::uint16_t port,
                                 std::string question, Deadline deadline) {
  Tunnelled out;
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  out.detail = co_await open_tunnel(client, socket, std::move(spec), std::move(host), port, deadline);
  out.open = socket.is_open();
  if (!out.open || out.detail.error) co_return std::move(out);
  auto write = asio::async_write(socket, asio::buffer(question), kTuple);
  co_await std::move(write);
  auto read = asio::async_read(socket, asio::dynamic_buffer(out.answer, 1 << 20), kTuple);
  co_await std::move(read);
  co_return std::move(out);
}

void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

std::vector<HttpDetail> ask_all(std::vector<HttpSpec> specs, Milliseconds limit) {
  asio::io_context io(1);
  HttpClient client(io.get_executor());
  std::vector<HttpDetail> details(specs.size());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    asio::co_spawn(io, ask_http(client, specs[i], Clock::now() + limit),
                   [&details, i](std::exception_ptr error, HttpDetail detail) {
                     rethrow(error);
                     details[i] = std::move(detail);
                   });
  }
  io.run();
  return details;
}

HttpDetail ask(HttpSpec spec, Milliseconds limit) {
  return ask_all({std::move(spec)}, limit).front();
}

HttpDetail ask_and_cancel(HttpSpec spec, Milliseconds after) {
  asio::io_context io(1);
  HttpClient client(io.get_executor());
  asio::cancellation_signal stop;
  HttpDetail out;
  asio::co_spawn(io, ask_http(client, std::move(spec), Clock::now() + std::chrono::minutes(10)),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error, HttpDetail detail) {
                   rethrow(error);
                   out = std::move(detail);
                 }));
  asio::steady_timer timer(io, after);
  timer.async_wait([&](std::error_code) { stop.emit(asio::cancellation_type::terminal); });
  io.run();
  return out;
}

Tunnelled tunnel(HttpSpec spec, std::string host, std::uint16_t port, std::string question,
                 Milliseconds limit) {
  asio::io_context io(1);
  HttpClient client(io.get_executor());
  Tunnelled out;
  asio::co_spawn(
      io, speak(client, std::move(spec), std::move(host), port, std::move(question), Clock::now() + limit),
      [&](std::exception_ptr error, Tunnelled result) {
        rethrow(error);
        out = std::move(result);
      });
  io.run();
  return out;
}

std::string header(const HttpDetail& detail, const std::string& name) {
  for (const auto& [key, value] : detail.headers)
    if (key == name) return value.data;
  return "";
}

Nginx::Nginx() {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=svc.test "
      "-keyout " +
      folder.path("key.pem") + " -out " + folder.path("certificate.pem") + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
  folder.write("large", std::string(100'000, 'x'));
  folder.write("nginx.conf",
               "daemon off; worker_processes 1; error_log stderr crit; pid " + folder.path("pid") +
                   ";\nevents { worker_connections 512; }\nhttp { access_log off; root " + folder.path("") +
                   ";\n client_body_temp_path " + folder.path("t1") + "; proxy_temp_path " +
                   folder.path("t2") + "; fastcgi_temp_path " + folder.path("t3") + "; uwsgi_temp_path " +
                   folder.path("t4") + "; scgi_temp_path " + folder.path("t5") +
                   ";\n server { listen 127.0.0.1:" + std::to_string(http) +
                   "; listen 127.0.0.1:" + std::to_string(https) + " ssl; ssl_certificate " +
                   folder.path("certificate.pem") + "; ssl_certificate_key " + folder.path("key.pem") +
                   ";\n location /hello { return 200 \"hello from $host\\n\"; } } }\n");
  process.emplace(std::vector<std::string>{"nginx", "-p", folder.path(""), "-c", folder.path("nginx.conf")},
                  https);
}

}  // namespace amlnet::http_test
