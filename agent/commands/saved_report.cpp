#include "agent/commands/saved_report.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "agent/catalog/words.h"
#include "agent/commands/outputs.h"
#include "agent/workspace/read_file.h"
#include "reports/archive.h"
#include "reports/json.h"
#include "reports/model/document.h"

namespace amlnet {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File open_file(const std::string& path) {
  if (path == "-") return {stdin, [](std::FILE*) { return 0; }};
  return {std::fopen(path.c_str(), "rb"), std::fclose};
}

/// The whole text, or what stops it from being read.
std::variant<std::string, ConfigError> text_of(const std::string& path, const std::string& shown) {
  constexpr std::size_t kMost = DocumentLimits{}.bytes;
  const File file = open_file(path);
  if (!file) return ConfigError{fmt::format("{}: cannot read: {}", shown, std::strerror(errno))};
  std::string text = read_up_to(file.get(), kMost + 1);
  if (text.size() > kMost)
    return ConfigError{fmt::format("{}: larger than {} MiB, which no report is", shown, kMost >> 20)};
  if (std::ferror(file.get()) != 0)
    return ConfigError{fmt::format("{}: cannot read: {}", shown, std::strerror(errno))};
  return text;
}

std::variant<std::string, ConfigError> unpacked_report(const std::string& archive, const std::string& shown) {
  auto report = read_archived(archive, "report.json");
  if (const auto* error = std::get_if<ArchiveError>(&report))
    return ConfigError{fmt::format(
        "{}: {}; expected a bundle as amlnet bundle writes it, or a compressed report", shown, error->text)};
  return std::get<std::string>(std::move(report));
}

}  // namespace

std::variant<SavedReport, ConfigError> read_saved(const std::string& path) {
  SavedReport saved{path.empty() ? last_report_path() : path, {}};
  if (saved.path.empty())
    return ConfigError{"there is no last report, since neither XDG_STATE_HOME nor HOME is set; name a file"};
  const std::string shown = saved.path == "-" ? "standard input" : printable(saved.path, 4096);
  auto text = text_of(saved.path, shown);
  if (auto* error = std::get_if<ConfigError>(&text)) {
    if (path.empty()) error->text += "; amlnet check keeps its last report there";
    return *error;
  }
  if (is_gzip(std::get<std::string>(text))) {
    text = unpacked_report(std::get<std::string>(text), shown);
    if (const auto* error = std::get_if<ConfigError>(&text)) return *error;
  }
  auto report = read_report(std::get<std::string>(text));
  if (const auto* error = std::get_if<ReportError>(&report)) {
    return ConfigError{
        fmt::format("{}: {}; expected a report as amlnet check --format json writes it", shown, error->text)};
  }
  saved.report = std::get<Report>(std::move(report));
  return saved;
}

}  // namespace amlnet
