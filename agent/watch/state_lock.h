// One watch for each state file: two would tell each change twice, or overwrite what the other has told. Used
// by the watch command.
#pragma once

#include <optional>
#include <string>

namespace amlnet {

/// Holds a lock beside the state file, which itself is replaced in each round: PATH.lock, an empty file of
/// mode 0600 that stays. The kernel's record locks (fcntl(2)) end with the process, however that ends, are
/// not inherited, and name their holder.
class StateLock {
 public:
  /// Tries once, and creates the folder if need be. "" locks nothing.
  explicit StateLock(const std::string& state_path);
  ~StateLock();
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

  /// The process that has the lock in place of this one; 0 where its number is not known, since it runs
  /// in other namespaces or on another machine.
  std::optional<int> taken_by() const { return taken_by_; }

  /// Why there is no lock though nobody else has it: a folder that cannot be written, a file system without
  /// locks. "" where all is well.
  const std::string& problem() const { return problem_; }

 private:
  void take(const std::string& path);

  int file_ = -1;
  std::optional<int> taken_by_;
  std::string problem_;
};

}  // namespace amlnet
