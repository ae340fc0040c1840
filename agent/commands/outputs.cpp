#include "agent/commands/outputs.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string_view>

#include "agent/workspace/environment.h"
#include "agent/workspace/state_folder.h"
#include "reports/archive.h"
#include "reports/file.h"
#include "reports/html.h"
#include "reports/human.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/markdown.h"
#include "reports/prometheus.h"

namespace amlnet {

namespace {

int terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    return std::min<int>(size.ws_col, 200);
  const char* columns = std::getenv("COLUMNS");
  const int width = columns ? std::atoi(columns) : 0;
  return width >= 40 ? std::min(width, 200) : 80;
}

bool utf8_terminal() {
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (!value || !*value) continue;
    const std::string locale = value;
    return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

HumanOptions human_options(const CheckOptions& options, const std::string& report_path, bool to_terminal) {
  HumanOptions human;
  human.width = to_terminal ? terminal_width() : 100;
  const char* no_color = std::getenv("NO_COLOR");
  const bool unwanted = options.color == When::automatic && ((no_color && *no_color) || !to_terminal);
  human.color = !unwanted && wanted_on(options.color, STDOUT_FILENO);
  human.utf8 = utf8_terminal();
  human.verbosity = options.verbosity;
  human.all = options.verbosity > 0 || options.all;
  human.report_path = report_path;
  human.is_last = !report_path.empty() && report_path == last_report_path();
  return human;
}

/// The lines that a check writes as it goes, from a report that is whole.
void write_lines(const Report& report, const TextSink& sink) {
  sink(jsonl_run(report));
  for (const ProbeRecord& probe : report.probes) sink(jsonl_probe(probe));
  for (const Finding& finding : report.findings) sink(jsonl_finding(finding));
  sink(jsonl_summary(report));
}

void write_format(Format format, const Report& report, const HumanOptions& human, const TextSink& sink) {
  switch (format) {
    case Format::human:
      return sink(human_report(report, human));
    case Format::json:
      return write_report(report, sink);
    case Format::jsonl:
      return write_lines(report, sink);
    case Format::html:
      return write_html(report, sink);
    case Format::junit:
      return sink(junit_report(report));
    case Format::markdown:
      return sink(markdown_report(report, human.all));
    case Format::prometheus:
      return sink(prometheus_report(report));
  }
}

bool write_standard(const std::function<void(const TextSink&)>& produce) {
  bool good = true;
  produce([&](std::string_view piece) {
    good = good && std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  return std::fflush(stdout) == 0 && good;
}

}  // namespace

std::optional<std::string> write_file(const std::string& path,
                                      const std::function<void(const TextSink&)>& produce) {
  if (!path.ends_with(".gz")) return replace_file(path, produce);
  std::optional<std::string> broken;
  auto problem = replace_file(path, [&](const TextSink& sink) { broken = write_gzip(produce, sink); });
  return problem ? problem : broken;
}

std::optional<std::string> write_outputs(const CheckOptions& options, const std::string& report_path,
                                         const FormatWriter& write) {
  for (const Output& output : options.outputs) {
    const bool standard = output.path == "-";
    const HumanOptions human = human_options(options, report_path, standard);
    const auto produce = [&](const TextSink& sink) { write(output.format, human, sink); };
    if (!standard) {
      if (auto problem = write_file(output.path, produce)) return problem;
    } else if (!write_standard(produce)) {
      return std::string("cannot write to standard output: ") + std::strerror(errno);
    }
  }
  return std::nullopt;
}

std::optional<std::string> write_reports(const CheckOptions& options, const Report& report,
                                         const std::string& path) {
  return write_outputs(options, path, [&](Format format, const HumanOptions& human, const TextSink& sink) {
    write_format(format, report, human, sink);
  });
}

std::optional<std::string> write_plans(const CheckOptions& options, const Report& plan) {
  return write_outputs(options, "", [&](Format format, const HumanOptions& human, const TextSink& sink) {
    sink(format == Format::human ? human_plan(plan, human) : plan_json(plan));
  });
}

std::string last_report_path() {
  const std::string folder = state_folder(environment());
  return folder.empty() ? "" : folder + "/last.json";
}

void create_folder_of(const std::string& path) {
  std::error_code error;  // writing the file will say what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
}

int say(int status, const std::string& text) {
  std::fprintf(stderr, "amlnet: %s\n", text.c_str());
  return status;
}

HumanOptions terminal_options(const CheckOptions& options, const std::string& report_path) {
  return human_options(options, report_path, true);
}

bool print_text(std::string_view text) {
  return write_standard([&](const TextSink& sink) { sink(text); });
}

bool wanted_on(When when, int descriptor) {
  if (when != When::automatic) return when == When::always;
  return isatty(descriptor) == 1;
}

}  // namespace amlnet
