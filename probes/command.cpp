// The child is looked after by a timer: a pidfd would need Linux 5.3, SIGCHLD a handler for the whole
// process.
#include "probes/command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <asio/experimental/as_tuple.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <set>

#include "probes/loop/wait.h"

namespace amlnet {
namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr auto kLook = Milliseconds(10);

// One output stream of the child.
class Stream {
 public:
  Stream() {
    if (pipe2(ends_.data(), O_CLOEXEC) == 0) fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~Stream() {
    for (const int end : ends_)
      if (end >= 0) close(end);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int child_end() const { return ends_[1]; }
  void close_child_end() { close(std::exchange(ends_[1], -1)); }
  // Takes what is there; what is beyond the limit is dropped, so that the child never blocks on it.
  void read_into(std::string& text, std::size_t limit) {
    std::array<char, 4096> piece{};
    for (;;) {
      const ssize_t size = read(ends_[0], piece.data(), piece.size());
      if (size <= 0) return;
      text.append(piece.data(), std::min(static_cast<std::size_t>(size), limit - text.size()));
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const CommandSpec& spec) {
  std::vector<std::string> lines;
  std::set<std::string> names;
  for (const auto& [name, value] : spec.environment) {
    lines.push_back(name + '=' + value);
    names.insert(name);
  }
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string line = *entry;
    if (!names.contains(line.substr(0, line.find('=')))) lines.push_back(line);
  }
  return lines;
}

// The child's process id, or what went wrong. It leads a process group of its own.
int start(CommandSpec& spec, const Stream& output, const Stream& errors, pid_t& child) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.child_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, errors.child_end(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  std::vector<std::string> variables = environment_with(spec);
  const std::vector<char*> arguments = pointers_to(spec.arguments), environment = pointers_to(variables);
  const int error =
      posix_spawnp(&child, arguments.front(), &files, &attributes, arguments.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

asio::awaitable<CommandResult> run_program(asio::any_io_executor executor, CommandSpec spec,
                                           Deadline deadline) {
  co_await asio::this_coro::throw_if_cancelled(false);
  CommandResult result;
  Stream output, errors;
  pid_t child = -1;
  result.error = from_errno(start(spec, output, errors, child));
  if (result.error) co_return result;
  output.close_child_end();
  errors.close_child_end();
  asio::steady_timer timer(executor);
  int status = 0;
  for (pid_t ended = 0; ended == 0;) {
    output.read_into(result.output, spec.output_limit);
    errors.read_into(result.errors, spec.output_limit);
    ended = waitpid(child, &status, WNOHANG);
    if (ended != 0) break;
    const bool stopped = co_await already_cancelled();
    if (stopped || Clock::now() >= deadline) {
      result.error = stopped ? was_cancelled() : timed_out();
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      co_return result;
    }
    timer.expires_after(kLook);
    co_await timer.async_wait(kTuple);
  }
  output.read_into(result.output, spec.output_limit);
  errors.read_into(result.errors, spec.output_limit);
  kill(-child, SIGKILL);  // what it may have left behind
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  co_return result;
}

}  // namespace amlnet
