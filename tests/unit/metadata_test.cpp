#include "agent/workspace/metadata.h"

#include <gtest/gtest.h>

namespace amlnet {
namespace {

TEST(Metadata, ReadsRegionSizeAndCloud) {
  const auto metadata = read_metadata(
      R"({"azEnvironment":"AzureUSGovernmentCloud","location":"usgovvirginia","vmSize":"Standard_DS3_v2","tags":"a:b"})");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->cloud, Cloud::usgov);
  EXPECT_EQ(metadata->region, "usgovvirginia");
  EXPECT_EQ(metadata->vm_size, "Standard_DS3_v2");
}

TEST(Metadata, TakesNothingFromAnswersThatAreNotTheService) {
  for (const char* text :
       {"", "[]", "null", "<html>login</html>", "{}", R"({"location":7})",
        R"({"location":"east us; rm -rf"})", R"({"location":"\u001b[31m"})", "{\"location\":"})
    EXPECT_FALSE(read_metadata(text)) << text;
}

TEST(Metadata, NeverOverridesWhatIsKnown) {
  Workspace workspace;
  workspace.region = "westus";
  workspace.sources["region"] = "option --region";
  apply_metadata(workspace, {Cloud::public_, "eastus2", "Standard_A1"});
  EXPECT_EQ(workspace.region, "westus");
  EXPECT_EQ(workspace.sources["region"], "option --region");
  EXPECT_EQ(workspace.cloud, Cloud::public_);
  EXPECT_EQ(workspace.sources["cloud"], "metadata");
  EXPECT_TRUE(workspace.on_azure);
}

}  // namespace
}  // namespace amlnet
