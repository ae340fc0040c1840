#include "agent/watch/state.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "agent/workspace/read_file.h"
#include "agent/workspace/state_folder.h"
#include "reports/json.h"
#include "reports/model/document.h"

namespace amlnet {
namespace {

using Environment = std::map<std::string, std::string>;
using StateFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

}  // namespace

std::string watch_state_path(const Environment& environment) {
  // systemd separates several folders by colons.
  const auto given = environment.find("STATE_DIRECTORY");
  if (given != environment.end() && !given->second.empty())
    return given->second.substr(0, given->second.find(':')) + "/watch.json";
  const std::string folder = state_folder(environment);
  return folder.empty() ? "" : folder + "/watch.json";
}

WatchState read_watch_state(const std::string& path) {
  constexpr std::size_t kMost = DocumentLimits{}.bytes;
  if (path.empty()) return {};
  const StateFile file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return errno == ENOENT ? WatchState{} : WatchState{{}, path + ": " + std::strerror(errno)};
  const std::string text = read_up_to(file.get(), kMost + 1);
  if (std::ferror(file.get()) != 0) return {{}, path + ": " + std::strerror(errno)};
  if (text.size() > kMost) return {{}, path + ": larger than any report"};
  auto report = read_report(text);
  if (const auto* error = std::get_if<ReportError>(&report)) return {{}, path + ": " + error->text};
  return {std::get<Report>(std::move(report)), ""};
}

std::optional<std::string> keep_watch_state(const std::string& path, const Report& told) {
  if (path.empty()) return "there is no place for it: neither XDG_STATE_HOME nor HOME is set";
  std::error_code error;  // writing the file will say what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  return replace_file(
      path, [&](const TextSink& sink) { write_report(told, sink); }, 0600);
}

}  // namespace amlnet
