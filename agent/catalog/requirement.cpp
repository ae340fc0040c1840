#include "agent/catalog/requirement.h"

namespace amlnet {

bool documented_on(const Requirement& row, const std::string& day) {
  if (day.empty()) return row.until.empty();
  return row.since <= day && (row.until.empty() || day < row.until);
}

std::string_view name_of(Protocol value) {
  switch (value) {
    case Protocol::tls:
      return "tls";
    case Protocol::https:
      return "https";
    case Protocol::wss:
      return "wss";
    case Protocol::http:
      return "http";
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
  }
  return "";
}

std::string_view name_of(Scope value) {
  switch (value) {
    case Scope::any:
      return "any";
    case Scope::private_:
      return "private";
    case Scope::public_:
      return "public";
  }
  return "";
}

}  // namespace amlnet
