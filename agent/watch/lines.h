// Standard output of watch, a line a change, which may fail for a while: a full disk must neither end the
// watch nor lose what it told. Used by the watch command.
#pragma once

#include <string>
#include <string_view>

namespace amlnet {

class LineOutput {
 public:
  explicit LineOutput(int descriptor) : descriptor_(descriptor) {}

  /// Writes what is still due and then `lines`, which end in line feeds. Returns 0, or errno where not all of
  /// it could be written: the rest waits for the next call, the oldest lines beyond a MiB are dropped.
  int write_lines(std::string_view lines);
  /// Whether lines wait in memory, where the end of the process loses them.
  bool due() const { return !due_.empty(); }
  /// Whether `error` of write_lines() means that nobody will ever read on: the reader of a pipe has gone.
  bool abandoned(int error) const;

 private:
  int descriptor_;
  std::string due_;
};

}  // namespace amlnet
