#include "agent/watch/state_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace amlnet {
namespace {

constexpr int kTries = 3;  // a holder may end between two calls

struct flock whole_file() {
  struct flock all {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  return all;
}

}  // namespace

StateLock::StateLock(const std::string& state_path) {
  if (state_path.empty()) return;
  std::error_code error;  // opening the file will say what is wrong
  std::filesystem::create_directories(std::filesystem::path(state_path).parent_path(), error);
  take(state_path + ".lock");
}

StateLock::~StateLock() {
  if (file_ >= 0) close(file_);
}

void StateLock::take(const std::string& path) {
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
  int error = file_ < 0 ? errno : 0;
  for (int tries = 0; error == 0 && tries < kTries; ++tries) {
    struct flock lock = whole_file();
    if (fcntl(file_, F_SETLK, &lock) == 0) return;
    error = errno;
    if (error != EAGAIN && error != EACCES) break;
    // Only a lock that is seen is one: some file systems refuse in the same words.
    if (fcntl(file_, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
      taken_by_ = std::max<int>(lock.l_pid, 0);
      return;
    }
    if (tries + 1 < kTries) error = 0;
  }
  problem_ = fmt::format("{}: cannot be locked: {}; a second watch there would not be noticed", path,
                         std::strerror(error));
}

}  // namespace amlnet
