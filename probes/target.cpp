#include "probes/target.h"

namespace amlnet {

std::string host_port(std::string_view host, unsigned port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string text(v6 ? "[" : "");
  return text.append(host).append(v6 ? "]:" : ":").append(std::to_string(port));
}

}  // namespace amlnet
