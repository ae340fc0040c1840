#include "reports/stages.h"

#include <fmt/format.h>

#include <string>

namespace amlnet {

std::vector<ProbeKind> stages_of(std::string_view protocol, std::string_view host) {
  std::vector<ProbeKind> stages;
  if (protocol == "tls") stages = {ProbeKind::tcp, ProbeKind::tls};
  if (protocol == "https" || protocol == "wss") stages = {ProbeKind::tcp, ProbeKind::tls, ProbeKind::http};
  if (protocol == "http") stages = {ProbeKind::tcp, ProbeKind::http};
  if (protocol == "tcp") stages = {ProbeKind::tcp};
  if (protocol == "udp") stages = {ProbeKind::udp};
  const bool numeric = host.find(':') != std::string_view::npos ||
                       host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!stages.empty() && !numeric) stages.insert(stages.begin(), ProbeKind::dns);
  return stages;
}

std::string endpoint_name(std::string_view host, int port) {
  return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
                                                  : fmt::format("[{}]:{}", host, port);
}

}  // namespace amlnet
