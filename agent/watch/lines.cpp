#include "agent/watch/lines.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace amlnet {
namespace {

constexpr std::size_t kMostDue = std::size_t{1} << 20;

}  // namespace

int LineOutput::write_lines(std::string_view lines) {
  due_ += lines;
  while (!due_.empty()) {
    const ssize_t written = write(descriptor_, due_.data(), due_.size());
    if (written >= 0) {
      due_.erase(0, static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      const int error = errno;
      if (due_.size() > kMostDue) due_.erase(0, due_.find('\n', due_.size() - kMostDue) + 1);
      return error;
    }
  }
  return 0;
}

bool LineOutput::abandoned(int error) const {
  struct stat status {};
  return error == EPIPE && fstat(descriptor_, &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace amlnet
