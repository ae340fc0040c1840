#include "reports/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace amlnet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ReplaceFile : public testing::Test {
 protected:
  ReplaceFile() {
    std::string name = testing::TempDir() + "/amlnet-file-XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/report.json";
  }
  ~ReplaceFile() override { fs::remove_all(folder_); }

  static std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::size_t files_in(const std::string& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
  }
  static unsigned mode_of(const std::string& path) {
    struct stat info {};
    stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }

  std::string folder_, path_;
};

TEST_F(ReplaceFile, WritesANewFileWithItsMode) {
  EXPECT_EQ(replace_file(path_, "one", 0600), std::nullopt);
  EXPECT_EQ(content(path_), "one");
  EXPECT_EQ(mode_of(path_), 0600u);
  EXPECT_EQ(replace_file(path_, std::string(3'000'000, 'x')), std::nullopt);
  EXPECT_EQ(content(path_).size(), 3'000'000u);
  EXPECT_EQ(mode_of(path_), 0644u);
  EXPECT_EQ(files_in(folder_), 1u);
}

TEST_F(ReplaceFile, AReaderKeepsTheOldFileWhole) {
  ASSERT_EQ(replace_file(path_, "old"), std::nullopt);
  std::ifstream reader(path_);
  ASSERT_EQ(replace_file(path_, "new"), std::nullopt);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old");
  EXPECT_EQ(content(path_), "new");
}

TEST_F(ReplaceFile, AReaderNeverSeesHalfOfOne) {
  const std::string first(40'000, 'a'), second(50'000, 'b');
  ASSERT_EQ(replace_file(path_, first), std::nullopt);
  std::jthread writer([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      replace_file(path_, second);
      replace_file(path_, first);
    }
  });
  for (int i = 0; i < 40; ++i) {
    const std::string seen = content(path_);
    ASSERT_TRUE(seen == first || seen == second) << seen.size();
  }
}

TEST_F(ReplaceFile, ReplacesALinkAndNotItsTarget) {
  std::ofstream(folder_ + "/target") << "target";
  fs::create_symlink("target", path_);
  EXPECT_EQ(replace_file(path_, "new"), std::nullopt);
  EXPECT_FALSE(fs::is_symlink(path_));
  EXPECT_EQ(content(folder_ + "/target"), "target");
}

TEST_F(ReplaceFile, MissingFolderIsAnError) {
  EXPECT_EQ(replace_file(folder_ + "/no/report.json", "x"),
            "cannot write " + folder_ + "/no/report.json: No such file or directory");
  EXPECT_EQ(files_in(folder_), 0u);
}

TEST_F(ReplaceFile, AFolderIsNotReplaced) {
  EXPECT_THAT(replace_file(folder_, "x").value_or(""), HasSubstr("Is a directory"));
  EXPECT_TRUE(fs::is_directory(folder_));
}

TEST_F(ReplaceFile, UnwritableFolderLeavesTheOldFile) {
  ASSERT_EQ(replace_file(path_, "old"), std::nullopt);
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  // root may write anywhere, so the attempt is made as somebody else
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (chown(folder_.c_str(), 65534, 65534) != 0 || setuid(65534) != 0)) _exit(9);
    const auto error = replace_file(path_, "new");
    _exit(error && error->find("Permission denied") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_EQ(content(path_), "old");
  EXPECT_EQ(files_in(folder_), 1u);
}

TEST_F(ReplaceFile, FullDiskLeavesTheOldFile) {
  ASSERT_EQ(replace_file(path_, "old"), std::nullopt);
  // A file-size limit fails the write half way as a full disk does, for any user.
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{1000, 1000};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto error = replace_file(path_, std::string(5000, 'x'));
    _exit(error && error->find("File too large") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(content(path_), "old");
  EXPECT_EQ(files_in(folder_), 1u);
}

TEST_F(ReplaceFile, FullTmpfsLeavesTheOldFile) {
  // Only root may mount; others have the test above.
  if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=64k") != 0) return;
  EXPECT_EQ(replace_file(path_, "old"), std::nullopt);
  EXPECT_EQ(replace_file(path_, std::string(200'000, 'x')),
            "cannot write " + path_ + ": No space left on device");
  EXPECT_EQ(content(path_), "old");
  EXPECT_EQ(files_in(folder_), 1u);
  umount(folder_.c_str());
}

TEST_F(ReplaceFile, DevicesAreWrittenInto) {
  EXPECT_EQ(replace_file("/dev/null", "x"), std::nullopt);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(replace_file("/dev/full", "x"), "cannot write /dev/full: No space left on device");
}

}  // namespace
}  // namespace amlnet
