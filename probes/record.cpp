// The names that reports use for the enumerations of a record.
#include "probes/record.h"

namespace amlnet {

std::string_view name_of(TlsReached reached) {
  switch (reached) {
    case TlsReached::nothing:
      return "nothing";
    case TlsReached::hello_sent:
      return "hello_sent";
    case TlsReached::server_hello:
      return "server_hello";
    case TlsReached::certificate:
      return "certificate";
    case TlsReached::finished:
      return "finished";
  }
  return "nothing";
}

std::string_view name_of(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::dns:
      return "dns";
    case ProbeKind::tcp:
      return "tcp";
    case ProbeKind::udp:
      return "udp";
    case ProbeKind::tls:
      return "tls";
    case ProbeKind::http:
      return "http";
    case ProbeKind::identity:
      return "identity";
  }
  return "dns";
}

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::requirement:
      return "requirement";
    case Purpose::control:
      return "control";
    case Purpose::follow_up:
      return "follow-up";
  }
  return "requirement";
}

std::string_view name_of(ProbeStatus status) {
  switch (status) {
    case ProbeStatus::ok:
      return "ok";
    case ProbeStatus::failed:
      return "failed";
    case ProbeStatus::skipped:
      return "skipped";
    case ProbeStatus::unfinished:
      return "unfinished";
  }
  return "unfinished";
}

}  // namespace amlnet
