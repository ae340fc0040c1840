#include "agent/commands/fix.h"

#include <fmt/format.h>

#include "agent/catalog/words.h"
#include "agent/commands/catalogs.h"
#include "agent/commands/outputs.h"
#include "agent/commands/replay.h"
#include "agent/commands/saved_report.h"
#include "agent/remedy/remedies.h"
#include "agent/remedy/writers.h"

namespace amlnet {
namespace {

std::string text_of(const Remedies& found, const CheckOptions& options) {
  switch (options.fix_format) {
    case FixFormat::text:
      return remedies_text(found, terminal_options(options, ""));
    case FixFormat::az_cli:
      return remedies_az_cli(found);
    case FixFormat::bicep:
      return remedies_bicep(found);
    case FixFormat::terraform:
      break;
  }
  return remedies_terraform(found);
}

}  // namespace

int fix(const CheckOptions& options) {
  const auto read = read_saved(options.words.empty() ? "" : options.words.front());
  if (const auto* error = std::get_if<ConfigError>(&read)) return say(2, error->text);
  const auto& [path, report] = std::get<SavedReport>(read);
  const auto catalog = load_catalog(options);
  if (const auto* error = std::get_if<ConfigError>(&catalog)) return say(2, error->text);
  const auto again = replay(report, std::get<Catalog>(catalog));
  if (const auto* error = std::get_if<ConfigError>(&again))
    return say(2, fmt::format("{}: {}", printable(path, 4096), error->text));
  const Replay& facts = std::get<Replay>(again);
  return print_text(text_of(remedies(report, facts.plan, facts.workspace), options)) ? 0 : 4;
}

}  // namespace amlnet
