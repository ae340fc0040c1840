// The organization's own catalogs: which files are read, in which order, and what is said of a wrong one.
#include "agent/commands/catalogs.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace amlnet {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

class Catalogs : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directory(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  static std::string row(const std::string& title) {
    return fmt::format(R"({{ "requirements": [ {{ "id": "own.host", "title": "{}", "level": "required",
      "breaks": "B", "fix": "F", "testable": false, "verify": "V" }} ] }})",
                       title);
  }
  const Requirement* find(const std::string& id) {
    auto loaded = load_catalog(options_, folder_);
    if (auto* error = std::get_if<ConfigError>(&loaded)) ADD_FAILURE() << error->text;
    catalog_ = std::get<Catalog>(std::move(loaded));
    for (const Requirement& one : catalog_.requirements) {
      if (one.id == id) return &one;
    }
    ADD_FAILURE() << id;
    return nullptr;
  }
  std::string error_of() {
    const auto loaded = load_catalog(options_, folder_);
    const auto* error = std::get_if<ConfigError>(&loaded);
    return error ? error->text : "no error";
  }

  std::string folder_;
  CheckOptions options_;
  Catalog catalog_;
};

TEST_F(Catalogs, AreReadInTheOrderOfNamesAndThoseOfTheCommandLineLast) {
  write("20.json", row("second"));
  write("10.json", row("first"));
  write(".30.json", "not read");
  write("40.json.old", "not read");
  EXPECT_EQ(find("own.host")->title, "second");
  EXPECT_EQ(find("own.host")->source, folder_ + "/20.json");
  options_.catalogs = {write("00-given", row("given"))};
  EXPECT_EQ(find("own.host")->title, "given");
}

TEST_F(Catalogs, AFolderThatIsNotThereIsEmpty) {
  fs::remove_all(folder_);
  EXPECT_EQ(find("entra.login")->source, builtin_source);
  EXPECT_EQ(catalog_.requirements.size(), builtin_catalog().requirements.size());
}

TEST_F(Catalogs, AFileInTheFoldersPlaceIsAnError) {
  fs::remove_all(folder_);
  std::ofstream(folder_) << "x";
  EXPECT_THAT(error_of(), HasSubstr(folder_ + ": cannot read: Not a directory"));
}

TEST_F(Catalogs, AMalformedFileIsNamedWithPlaceAndReason) {
  write("a.json", R"({ "requirements": [ { "id": 7 } ] })");
  EXPECT_THAT(error_of(), HasSubstr("/a.json: requirements[0].id: expected an id of letters"));
}

TEST_F(Catalogs, OnlyRegularFilesAreOpened) {
  ASSERT_EQ(mkfifo((folder_ + "/a.json").c_str(), 0600), 0);
  EXPECT_THAT(error_of(), EndsWith("/a.json: expected a regular file, or a link to one"));
  fs::remove(folder_ + "/a.json");
  fs::create_symlink("/nonexistent", folder_ + "/b.json");
  EXPECT_THAT(error_of(), EndsWith("/b.json: expected a regular file, or a link to one"));
}

TEST_F(Catalogs, ALevelIsSetWithoutRepeatingTheRow) {
  write("a.json", R"({ "levels": { "py.pypi": "required", "ci.rstudio.8787": "optional" } })");
  const Requirement* pypi = find("py.pypi");
  EXPECT_EQ(pypi->level, Level::required);
  EXPECT_EQ(pypi->source, builtin_source);
  EXPECT_EQ(pypi->level_source, folder_ + "/a.json");
  EXPECT_TRUE(find("ci.rstudio.8787")->level_when.empty()) << "what was set holds always";
}

TEST_F(Catalogs, ALevelForAnUnknownIdIsAnError) {
  write("a.json", "{ \"levels\": {\n \"py.pipy\": \"required\" } }");
  EXPECT_THAT(error_of(), EndsWith("/a.json: levels.py.pipy: no requirement has this id; did you mean "
                                   "\"py.pypi\"?"));
  write("a.json", R"({ "levels": { "py.pypi": "requierd" } })");
  EXPECT_THAT(error_of(), HasSubstr("levels.py.pypi: expected required, recommended or optional, got "
                                    "\"requierd\"; did you mean \"required\"?"));
  write("a.json", R"({ "levels": [] })");
  EXPECT_THAT(error_of(), HasSubstr("levels: expected an object, got a list"));
}

}  // namespace
}  // namespace amlnet
