#include "reports/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace amlnet {
namespace {

/// A temporary file that is gone unless keep() was called.
class Temporary {
 public:
  explicit Temporary(const std::string& path)
      : path_(path + ".XXXXXX"), fd_(mkostemp(path_.data(), O_CLOEXEC)) {}
  ~Temporary() {
    if (fd_ >= 0) close(fd_);
    if (fd_ >= 0 && !kept_) unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  int fd_;
  bool kept_ = false;
};

using Producer = std::function<void(const TextSink&)>;

/// Writes what `produce` hands over; after the first error the rest is dropped. Returns errno, 0 for none.
int write_all(int fd, const Producer& produce) {
  int error = 0;
  produce([&](std::string_view piece) {
    while (error == 0 && !piece.empty()) {
      const ssize_t written = write(fd, piece.data(), piece.size());
      if (written >= 0) piece.remove_prefix(static_cast<std::size_t>(written));
      if (written < 0 && errno != EINTR) error = errno;
    }
  });
  return error;
}

/// Makes the rename last through a power cut. Some file systems cannot sync a directory; the file is whole
/// all the same.
void sync_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

std::string reason(const std::string& path, int error) {
  return fmt::format("cannot write {}: {}", path, std::generic_category().message(error));
}

/// Writes to a device or pipe, which has no old content to keep.
std::optional<std::string> write_into(const std::string& path, const Producer& produce) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return reason(path, errno);
  const int error = write_all(fd, produce);
  close(fd);
  return error == 0 ? std::nullopt : std::optional(reason(path, error));
}

}  // namespace

std::optional<std::string> replace_file(const std::string& path, std::string_view content, unsigned mode) {
  return replace_file(
      path, [&](const TextSink& sink) { sink(content); }, mode);
}

std::optional<std::string> replace_file(const std::string& path, const Producer& produce, unsigned mode) {
  struct stat old {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return reason(path, EISDIR);
  // /dev/null must not become a file, and a pipe's reader waits for the pipe.
  if (exists && !S_ISREG(old.st_mode)) return write_into(path, produce);
  Temporary temporary(path);
  if (temporary.fd() < 0) return reason(path, errno);
  if (const int error = write_all(temporary.fd(), produce); error != 0) return reason(path, error);
  if (fchmod(temporary.fd(), mode) != 0 || fsync(temporary.fd()) != 0 ||
      rename(temporary.path().c_str(), path.c_str()) != 0) {
    return reason(path, errno);
  }
  temporary.keep();
  sync_directory(path);
  return std::nullopt;
}

}  // namespace amlnet
