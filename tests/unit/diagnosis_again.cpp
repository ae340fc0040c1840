// What follow-ups and controls add to a world made by hand.
#include <algorithm>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {

World& World::follow_up(const std::string& target, const std::string& control, const std::string& server_name,
                        bool answered, std::size_t bytes_received) {
  auto& made = record(ProbeKind::tls, target, answered);
  made.purpose = Purpose::follow_up;
  made.control = control;
  TlsDetail tls;
  tls.server_name = server_name;
  tls.address = "20.60.1.1";
  tls.port = 443;
  tls.bytes_received = bytes_received;
  tls.reached = answered ? TlsReached::finished : TlsReached::hello_sent;
  tls.error = error_of(answered ? Failure::none : Failure::timeout);
  made.detail = tls;
  return *this;
}

World& World::connected_again(const std::string& target, const std::string& control, TcpDetail tcp) {
  auto& made = record(ProbeKind::tcp, target, !tcp.error);
  made.purpose = Purpose::follow_up;
  made.control = control;
  made.detail = std::move(tcp);
  return *this;
}

World& World::large_hello(const std::string& target, bool answered) {
  follow_up(target, "large-hello", target.substr(0, target.find(':')), answered);
  evidence.probes.back().purpose = Purpose::control;
  return *this;
}

World& World::repeated(const std::string& name, const Says& says) {
  auto& made = record(ProbeKind::dns, name, true);
  made.purpose = Purpose::follow_up;
  made.control = "repeat";
  DnsDetail detail;
  detail.name = name;
  detail.answers = {answer_of(says, name, "A")};
  made.detail = detail;
  return *this;
}

World& World::lose_edns(const std::vector<std::string>& names) {
  for (auto& probe : evidence.probes) {
    auto* detail = detail_of<DnsDetail>(probe);
    if (!detail || std::find(names.begin(), names.end(), detail->name) == names.end()) continue;
    std::vector<DnsAnswer> lost;
    for (auto& answer : detail->answers) {
      lost.push_back(answer);
      lost.back().rcode.reset();
      lost.back().records.clear();
      lost.back().error = error_of(Failure::timeout);
      answer.edns = false;
    }
    detail->answers.insert(detail->answers.begin(), lost.begin(), lost.end());
  }
  return *this;
}

World& World::asked_with_host(const std::string& target, const std::string& control, const std::string& host,
                              long status) {
  auto& made = record(ProbeKind::http, target, status != 0);
  made.purpose = Purpose::follow_up;
  made.control = control;
  HttpDetail http;
  http.url = "http://" + host + "/";
  http.address = "20.60.1.1";
  http.port = 80;
  http.status = status;
  http.error = error_of(status != 0 ? Failure::none : Failure::closed);
  made.detail = http;
  return *this;
}

}  // namespace amlnet::test
