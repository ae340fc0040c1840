// Gives this test program a network namespace of its own before the first test: whatever a probe sends,
// canaries to TEST-NET included, it never leaves the machine.
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace amlnet {
namespace {

bool raise_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool up = ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  close(socket);
  return up;
}

class OwnNetwork : public testing::Environment {
 public:
  void SetUp() override {
    // An ordinary user needs a user namespace to own the network one.
    const int wanted = geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    ASSERT_EQ(unshare(wanted), 0) << "cannot make a network namespace: " << std::strerror(errno);
    ASSERT_TRUE(raise_loopback());
  }
};

const testing::Environment* const kOwnNetwork = testing::AddGlobalTestEnvironment(new OwnNetwork);

}  // namespace
}  // namespace amlnet
