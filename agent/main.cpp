#include <cstdio>
#include <exception>
#include <variant>

#include "agent/catalog/embedded.h"
#include "agent/commands/bundle.h"
#include "agent/commands/check.h"
#include "agent/commands/diagnose.h"
#include "agent/commands/diff.h"
#include "agent/commands/explain.h"
#include "agent/commands/fix.h"
#include "agent/commands/fleet.h"
#include "agent/commands/listen.h"
#include "agent/commands/options.h"
#include "agent/commands/reach.h"
#include "agent/commands/requirements.h"
#include "agent/commands/show.h"
#include "agent/commands/version.h"
#include "agent/commands/watch.h"
#include "agent/workspace/environment.h"

namespace {

int run_command(int argc, char** argv) {
  // What does the user want? Help and usage errors end here.
  const auto wanted = amlnet::parse_command_line({argv + 1, argv + argc}, amlnet::environment());
  if (const auto* notice = std::get_if<amlnet::Notice>(&wanted)) {
    std::fputs(notice->text.c_str(), notice->status == 0 ? stdout : stderr);
    return notice->status;
  }
  // Each command goes its own way from facts to report.
  const auto& [command, options] = std::get<amlnet::CommandLine>(wanted);
  switch (command) {
    case amlnet::Command::check:
      return amlnet::check(options);
    case amlnet::Command::plan:
      return amlnet::plan(options);
    case amlnet::Command::requirements:
      return amlnet::requirements(options);
    case amlnet::Command::explain:
      return amlnet::explain(options);
    case amlnet::Command::diagnose:
      return amlnet::diagnose_saved(options);
    case amlnet::Command::fix:
      return amlnet::fix(options);
    case amlnet::Command::show:
      return amlnet::show(options);
    case amlnet::Command::diff:
      return amlnet::diff(options);
    case amlnet::Command::bundle:
      return amlnet::bundle(options);
    case amlnet::Command::fleet:
      return amlnet::fleet(options);
    case amlnet::Command::watch:
      return amlnet::watch(options);
    case amlnet::Command::listen:
      return amlnet::listen(options);
    case amlnet::Command::reach:
      return amlnet::reach(options);
    case amlnet::Command::completion:  // printed while the command line was parsed
    case amlnet::Command::version:
      break;
  }
  std::fputs(amlnet::version_text(amlnet::embedded_catalog_version()).c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_command(argc, argv);
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "amlnet: internal error: %s\n", defect.what());
    return 4;
  }
}
