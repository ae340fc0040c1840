// Where reports go: files, replaced atomically, and standard output, at the terminal's width. Used by check,
// plan, diagnose, show, diff and explain.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/commands/options.h"
#include "reports/file.h"
#include "reports/human.h"
#include "reports/model/report.h"

namespace amlnet {

/// Replaces the file by what `produce` hands over, compressed by gzip where its name ends in .gz. Returns
/// what went wrong.
std::optional<std::string> write_file(const std::string& path,
                                      const std::function<void(const TextSink&)>& produce);

/// Hands the text of one format over, piece by piece.
using FormatWriter = std::function<void(Format, const HumanOptions&, const TextSink&)>;
/// Writes each output asked for by `write`. Returns what could not be written.
std::optional<std::string> write_outputs(const CheckOptions& options, const std::string& report_path,
                                         const FormatWriter& write);

/// Writes each report asked for; `report_path` is where it can be read again, "" where it cannot. Returns
/// what could not be written.
std::optional<std::string> write_reports(const CheckOptions& options, const Report& report,
                                         const std::string& report_path);
std::optional<std::string> write_plans(const CheckOptions& options, const Report& plan);

/// $XDG_STATE_HOME/amlnet/last.json, or below ~/.local/state; "" where neither variable is set.
std::string last_report_path();
/// Where that is not there yet, creates the folder that `path` is in.
void create_folder_of(const std::string& path);

/// Writes "amlnet: TEXT" to standard error; returns `status`, for a command to end with.
int say(int status, const std::string& text);

/// How to write for people on standard output.
HumanOptions terminal_options(const CheckOptions& options, const std::string& report_path);
/// Whether all of `text` reached standard output.
bool print_text(std::string_view text);

/// Whether colour or progress goes to `descriptor` under this setting: `automatic` asks for a terminal.
bool wanted_on(When when, int descriptor);

}  // namespace amlnet
