#include "agent/commands/outputs.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string_view>

#include "reports/file.h"
#include "reports/human.h"
#include "reports/json.h"

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
  human.all = options.verbosity > 0;
  human.report_path = report_path;
  return human;
}

/// The text of one format; it lives until the next call.
using Writer = std::function<std::string_view(Format, const HumanOptions&)>;

std::optional<std::string> write_all(const CheckOptions& options, const std::string& report_path,
                                     const Writer& text_of) {
  for (const Output& output : options.outputs) {
    const bool standard = output.path == "-";
    const std::string_view text = text_of(output.format, human_options(options, report_path, standard));
    if (text.empty()) continue;
    if (!standard) {
      if (auto problem = replace_file(output.path, text)) return problem;
    } else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
      return "cannot write to standard output";
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> write_reports(const CheckOptions& options, const Report& report,
                                         std::string_view json, const std::string& path) {
  std::string text;
  return write_all(options, path, [&](Format format, const HumanOptions& human) {
    if (format == Format::json) return json;
    text = format == Format::human ? human_report(report, human) : std::string();
    return std::string_view(text);
  });
}

std::optional<std::string> write_plans(const CheckOptions& options, const Report& plan) {
  std::string text;
  return write_all(options, "", [&](Format format, const HumanOptions& human) {
    text = format == Format::human ? human_plan(plan, human) : plan_json(plan);
    return std::string_view(text);
  });
}

std::string last_report_path() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (state && *state)
    folder = state;
  else if (home && *home)
    folder = std::filesystem::path(home) / ".local/state";
  else
    return {};
  folder /= "amlnet";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return (folder / "last.json").string();
}

bool wanted_on(When when, int descriptor) {
  if (when != When::automatic) return when == When::always;
  return isatty(descriptor) == 1;
}

}  // namespace amlnet
