#include <cstdio>
#include <exception>
#include <variant>

#include "agent/catalog/catalog.h"
#include "agent/commands/check.h"
#include "agent/commands/options.h"

namespace {

int run_command(int argc, char** argv) {
  // What does the user want? Help, version and usage errors end here.
  const auto wanted = amlnet::parse_command_line(argc, argv, amlnet::builtin_catalog().version);
  if (const auto* done = std::get_if<amlnet::Done>(&wanted)) {
    std::fputs(done->out.c_str(), stdout);
    std::fputs(done->err.c_str(), stderr);
    return done->status;
  }
  // Each command goes its own way from facts to report.
  if (const auto* options = std::get_if<amlnet::CheckOptions>(&wanted)) return amlnet::check(*options);
  return amlnet::plan(std::get<amlnet::PlanOptions>(wanted));
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
