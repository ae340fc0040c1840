#include "agent/run/nameserver_controls.h"

#include <asio/this_coro.hpp>
#include <random>

#include "agent/run/controls.h"
#include "agent/run/nameservers.h"
#include "probes/cname_chain.h"
#include "probes/tcp.h"

namespace amlnet {

namespace {

asio::awaitable<void> ask_random_label(Session& session, std::size_t index, std::string label) {
  co_await asio::this_coro::throw_if_cancelled(false);
  NameserverState& server = session.servers[index];
  ProbeRecord& record = begin_probe(session, ProbeKind::dns, label, Purpose::control);
  record.control = "random-label";
  DnsSpec spec;
  spec.name = label;
  spec.edns = false;  // a server whose questions with EDNS are lost shows here that it lives
  const auto began = Clock::now();
  const Deadline until = server.late_until = attempt_deadline(session, most_patience(session));
  DnsAnswer answer = co_await server.server->ask(std::move(spec), until);
  answer.start_ms = record.start_ms;
  // Cut off with the other controls, and by then it had as long as any question has.
  if (Clock::now() - began >= session.options.dns_timeout) settle_silence(session, record, answer.error);
  if (!answer.rcode) answer.duration_ms = ms_between(began, Clock::now());
  note_fate(server, answer);
  DnsDetail detail;
  detail.name = label;
  detail.addresses = addresses_of(answer);
  const ProbeStatus status = status_of(answer);
  detail.answers.push_back(std::move(answer));
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

asio::awaitable<void> ask_port(Session& session, std::size_t index, TcpSpec where) {
  co_await asio::this_coro::throw_if_cancelled(false);
  ProbeRecord& record =
      begin_probe(session, ProbeKind::tcp, host_port(where.address, where.port), Purpose::control);
  record.control = "nameserver-port";
  session.last_control = Clock::now();
  asio::ip::tcp::socket socket(session.loop);
  const Deadline until = attempt_deadline(session, session.options.dns_timeout);
  TcpDetail detail = co_await connect_tcp(socket, std::move(where), until);
  settle_silence(session, record, detail.error);
  const ProbeStatus status = status_of(detail.error);
  session.servers[index].up = status == ProbeStatus::ok;
  record.detail = std::move(detail);
  end_probe(session, record, status);
}

}  // namespace

void ask_random_labels(Session& session) {
  std::random_device random;
  for (std::size_t server = 0; server < session.servers.size(); ++server) {
    if (session.servers[server].control) continue;
    std::string label = "amlnet-" + std::to_string(random()) + std::to_string(random()) + ".invalid";
    session.controls.spawn(ask_random_label(session, server, std::move(label)));
  }
}

void ask_whether_up(Session& session, std::size_t index) {
  NameserverState& server = session.servers[index];
  if (server.port_asked || server.control || server.answered > 0 || !another_answers(session, index)) return;
  server.port_asked = true;
  const auto at = server.server->endpoint();
  if (!at) return;
  TcpSpec where;
  where.address = at->address().to_string();
  where.port = at->port();
  session.controls.spawn(ask_port(session, index, std::move(where)));
}

}  // namespace amlnet
