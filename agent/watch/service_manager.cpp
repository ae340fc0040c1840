#include "agent/watch/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

namespace amlnet {
namespace {

using Environment = std::map<std::string, std::string>;

std::string value_in(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A name in the file system, or an abstract one that is written with '@'.
std::string socket_name(std::string name) {
  if (name.size() >= sizeof(sockaddr_un::sun_path) || (!name.starts_with('/') && !name.starts_with('@')))
    return "";
  if (name.starts_with('@')) name[0] = '\0';
  return name;
}

}  // namespace

ServiceManager::ServiceManager(const Environment& environment)
    : address_(socket_name(value_in(environment, "NOTIFY_SOCKET"))) {
  const timeval longest{1, 0};  // a manager that is busy is waited for, one that hangs is not
  if (!address_.empty()) socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ >= 0) setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
  const auto microseconds = whole_number(value_in(environment, "WATCHDOG_USEC"));
  const std::string process = value_in(environment, "WATCHDOG_PID");
  const bool ours = process.empty() || process == std::to_string(getpid());
  if (microseconds && *microseconds > 0 && ours)
    beat_ = std::max(Milliseconds(*microseconds / 2000), Milliseconds(1));
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) close(socket_);
}

void ServiceManager::tell(std::string_view state) {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  sendto(socket_, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), size);
}

void ServiceManager::keep_alive(Clock::time_point now) {
  if (beat_.count() == 0 || now - last_ < beat_) return;
  last_ = now;
  tell("WATCHDOG=1");
}

}  // namespace amlnet
