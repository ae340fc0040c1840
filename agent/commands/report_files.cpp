#include "agent/commands/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "agent/catalog/words.h"
#include "reports/archive.h"
#include "reports/model/document.h"
#include "reports/model/head.h"

namespace amlnet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = DocumentLimits{}.bytes;
constexpr std::size_t kMostFiles = 1'000'000;

bool has_reports_name(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool hidden = name.starts_with('.');
  return !hidden && (name.ends_with(".json") || name.ends_with(".json.gz") || name.ends_with(".tar.gz") ||
                     name.ends_with(".tgz"));
}

/// Links to folders are not followed: they may lead in a circle.
std::optional<ConfigError> add_folder(const fs::path& folder, std::vector<std::string>& files) {
  std::error_code error;
  std::vector<std::string> found;
  fs::recursive_directory_iterator at(folder, error), end;
  while (!error && at != end && files.size() + found.size() < kMostFiles) {
    std::error_code unknown;  // of a file that is gone by now
    if (at->is_directory(unknown) && at->path().filename().string().starts_with('.'))
      at.disable_recursion_pending();
    if (has_reports_name(at->path()) && at->is_regular_file(unknown)) found.push_back(at->path().string());
    at.increment(error);
  }
  if (error)
    return ConfigError{fmt::format("{}: cannot read: {}", printable(folder.string(), 4096), error.message())};
  std::ranges::sort(found);
  std::ranges::move(found, std::back_inserter(files));
  return std::nullopt;
}

/// A file whose beginning is in memory, at most kMost bytes of it and a piece.
class Window {
 public:
  explicit Window(std::FILE* file) : file_(file) {}

  std::string_view text() const { return std::string_view(buffer_).substr(start_); }
  bool at_end() const { return end_; }
  bool failed() const { return std::ferror(file_) != 0; }
  /// What is read stays; `size` bytes more, or what there is.
  void read(std::size_t size) {
    buffer_.erase(0, std::exchange(start_, 0));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + size);
    const std::size_t got = std::fread(buffer_.data() + before, 1, size, file_);
    buffer_.resize(before + got);
    end_ = got < size;
  }
  void read_all() {
    while (!end_ && text().size() <= kMost) read(std::max(text().size(), kPiece));
  }
  void drop(std::size_t size) { start_ += size; }

  static constexpr std::size_t kPiece = std::size_t{256} << 10;

 private:
  std::FILE* file_;
  std::string buffer_;
  std::size_t start_ = 0;
  bool end_ = false;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The next report, or why there is none. Reads on, twice as far each time, while the text ends inside it.
std::variant<ReportHead, HeadError> next_head(Window& window) {
  while (true) {
    auto head = read_report_head(window.text());
    const auto* error = std::get_if<HeadError>(&head);
    if (!error || !error->cut || window.at_end()) return head;
    if (window.text().size() > kMost)
      return HeadError{fmt::format("larger than {} MiB, which no report is", kMost >> 20)};
    window.read(std::max(window.text().size(), Window::kPiece));
  }
}

/// Of a bundle, or of a report that was compressed.
void read_packed(Window& window, const TakeReport& take, const TakeProblem& problem) {
  window.read_all();
  if (window.text().size() > kMost)
    return problem(fmt::format("larger than {} MiB, which no bundle or report is", kMost >> 20));
  const auto found = read_archived(window.text(), "report.json");
  if (const auto* error = std::get_if<ArchiveError>(&found)) return problem(error->text);
  const auto head = read_report_head(std::get<std::string>(found));
  if (const auto* error = std::get_if<HeadError>(&head)) return problem("report inside: " + error->text);
  take(std::get<ReportHead>(head).report);
}

void read_reports(Window& window, const TakeReport& take, const TakeProblem& problem) {
  for (bool first = true;; first = false) {
    if (is_blank(window.text()) && !window.at_end()) window.read(Window::kPiece);
    if (is_blank(window.text()) && window.at_end() && !first) return;
    const auto head = next_head(window);
    if (const auto* error = std::get_if<HeadError>(&head))
      return problem(error->text + "; expected a report as amlnet check --format json writes it");
    take(std::get<ReportHead>(head).report);
    window.drop(std::get<ReportHead>(head).end);
  }
}

}  // namespace

std::variant<std::vector<std::string>, ConfigError> report_files(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    std::error_code error;
    const fs::file_status status = fs::status(word, error);
    if (word == "-" || (fs::exists(status) && !fs::is_directory(status))) {
      files.push_back(word);
    } else if (fs::is_directory(status)) {
      if (auto wrong = add_folder(word, files)) return *wrong;
    } else {
      return ConfigError{fmt::format("{}: cannot read: {}", printable(word, 4096), error.message())};
    }
  }
  return files;
}

void read_report_heads(const std::string& path, const TakeReport& take, const TakeProblem& problem) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const bool standard = path == "-";
  const File file = standard ? File(stdin, [](std::FILE*) { return 0; })
                             : File(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return problem(fmt::format("cannot read: {}", std::strerror(errno)));
  Window window(file.get());
  window.read(Window::kPiece);
  const TakeProblem with_cause = [&](const std::string& text) {
    problem(window.failed() ? fmt::format("cannot read: {}", std::strerror(EIO)) : text);
  };
  if (is_gzip(window.text()))
    read_packed(window, take, with_cause);
  else
    read_reports(window, take, with_cause);
}

}  // namespace amlnet
