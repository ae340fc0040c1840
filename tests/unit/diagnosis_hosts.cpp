// Ready-made hosts, and readers of findings, for the diagnosis tests.
#include <fmt/format.h>

#include "tests/unit/diagnosis_facts.h"

namespace amlnet::test {

Host named(std::string name, std::uint16_t port) {
  Host host;
  host.name = std::move(name);
  host.port = port;
  return host;
}

Host private_endpoint(const std::string& account, const std::string& service, const std::string& address) {
  auto host = named(fmt::format("{}.{}.core.windows.net", account, service));
  host.scope = Scope::private_;
  host.dns = {{"10.0.0.4", {fmt::format("{}.privatelink.{}.core.windows.net", account, service)}, {address}}};
  return host;
}

std::vector<std::string> blamed(const Diagnosis& diagnosis) {
  std::vector<std::string> result;
  for (const auto& finding : diagnosis.findings) {
    if (finding.severity != Severity::info)
      result.push_back(fmt::format("{}[{}]", finding.cause, finding.subject));
  }
  return result;
}

const Finding* find(const Diagnosis& diagnosis, const std::string& cause) {
  for (const auto& finding : diagnosis.findings) {
    if (finding.cause == cause) return &finding;
  }
  return nullptr;
}

}  // namespace amlnet::test
