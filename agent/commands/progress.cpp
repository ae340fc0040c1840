#include "agent/commands/progress.h"

#include <cstdio>

namespace amlnet {

void show_progress(std::size_t done, std::size_t begun) {
  std::fprintf(stderr, "\r\x1b[Kprobing: %zu of %zu done", done, begun);
  std::fflush(stderr);
}

void clear_progress() {
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace amlnet
