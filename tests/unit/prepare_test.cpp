#include "agent/commands/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace amlnet {
namespace {

using testing::HasSubstr;

/// Options whose workspace file is `text`, asking nothing over the network.
CheckOptions with_file(const std::string& text) {
  CheckOptions options;
  options.offline = true;
  options.config = testing::TempDir() + "amlnet-prepare-" + std::to_string(getpid()) + ".json";
  std::ofstream(options.config) << text;
  return options;
}

std::string error_of(const CheckOptions& options) {
  const auto prepared = prepare(options);
  const auto* error = std::get_if<ConfigError>(&prepared);
  return error ? error->text : "no error";
}

TEST(Prepare, PlansFromTheFile) {
  CheckOptions options = with_file(R"({"region": "eastus2", "compute": {"kind": "instance"}})");
  options.filter.only = {"storage.*", "entra.*"};
  const auto prepared = prepare(options);
  ASSERT_TRUE(std::holds_alternative<Prepared>(prepared));
  EXPECT_EQ(std::get<Prepared>(prepared).workspace.region, "eastus2");
  for (const PlannedRequirement& row : std::get<Prepared>(prepared).plan.requirements)
    EXPECT_TRUE(row.id.starts_with("storage.") || row.id.starts_with("entra.")) << row.id;
}

TEST(Prepare, AFilterThatMatchesNothingIsAnError) {
  CheckOptions options = with_file("{}");
  options.filter.only = {"entra.*", "storge.*"};
  EXPECT_EQ(error_of(options),
            "--only: no requirement has an id like \"storge.*\"; amlnet plan -v lists them");
  options.filter = {.only = {"storage.ws.blb"}, .skip = {}, .as_of = ""};
  EXPECT_THAT(error_of(options), HasSubstr("did you mean \"storage.ws.blob\"?"));
  options.filter = {.only = {}, .skip = {"x"}, .as_of = ""};
  EXPECT_THAT(error_of(options), HasSubstr("--skip: no requirement"));
  options.filter = {.only = {"entra.*"}, .skip = {"*"}, .as_of = ""};
  EXPECT_EQ(error_of(options), "--only and --skip together leave no requirement");
}

TEST(Prepare, FiltersSeeTheCustomEndpoints) {
  CheckOptions options = with_file(R"({"custom": [{"host": "git.corp.contoso.com", "why": "code"}]})");
  options.filter.only = {"*git.corp*"};
  EXPECT_EQ(error_of(options), "no error");
}

TEST(Prepare, AFileThatCannotBeReadIsAnErrorAndNotADefect) {
  CheckOptions options;
  options.offline = true;
  options.config = testing::TempDir();
  EXPECT_THAT(error_of(options), HasSubstr("cannot read: Is a directory"));
  options.config = testing::TempDir() + "no-such-file";
  EXPECT_THAT(error_of(options), HasSubstr("cannot read: No such file"));
  options.config = "/dev/zero";  // has no end
  EXPECT_THAT(error_of(options), HasSubstr("larger than 8 MiB"));
}

}  // namespace
}  // namespace amlnet
