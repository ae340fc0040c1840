// Nothing in the HTTP probe asks libc for an address, curl included: all its tests run again with the
// resolver functions replaced by ones that end the program.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <string>

namespace {

const std::string kPreload = std::string("LD_PRELOAD=") + NO_GETADDRINFO_MODULE;
// The sanitizer wants to be the first library; being the second is good enough.
const std::string kAfterUs = " ASAN_OPTIONS=\"$ASAN_OPTIONS:verify_asan_link_order=0\" ";

// exec keeps the shell out: it asks for no names, but its exit status is not the signal of its child.
int run(const std::string& command) {
  return std::system(("exec env " + kPreload + kAfterUs + command).c_str());
}

TEST(NoGetaddrinfo, TheTrapWorks) {
  const int status = run("getent ahosts localhost 2>/dev/null");
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

TEST(NoGetaddrinfo, CurlsResolverThreadFallsIntoTheTrap) {
  const int status = run("curl -s http://nobody.invalid/ 2>/dev/null");
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

TEST(NoGetaddrinfo, TheHttpProbeNeverFallsIntoIt) {
  const std::string self = "/proc/" + std::to_string(getpid()) + "/exe";
  const int status = run(self + " --gtest_filter='Http*:Squid.*' >/dev/null");
  EXPECT_EQ(status, 0) << "run the tests Http*:Squid.* by hand with " << kPreload;
}

}  // namespace
