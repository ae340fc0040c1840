#include "agent/workspace/state_folder.h"

#include <gtest/gtest.h>

#include "agent/watch/state.h"

namespace amlnet {
namespace {

using Variables = std::map<std::string, std::string>;

TEST(StateFolder, IsThatOfXdgThenOfHome) {
  EXPECT_EQ(state_folder({{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}}), "/s/amlnet");
  EXPECT_EQ(state_folder({{"XDG_STATE_HOME", ""}, {"HOME", "/h"}}), "/h/.local/state/amlnet");
  EXPECT_EQ(state_folder({{"XDG_STATE_HOME", ""}, {"HOME", ""}}), "");
  EXPECT_EQ(state_folder({}), "");
}

TEST(StateFolder, OfWatchIsThatOfSystemdFirst) {
  Variables variables{{"STATE_DIRECTORY", "/var/lib/amlnet:/var/lib/more"}, {"XDG_STATE_HOME", "/s"}};
  EXPECT_EQ(watch_state_path(variables), "/var/lib/amlnet/watch.json");
  variables["STATE_DIRECTORY"].clear();
  EXPECT_EQ(watch_state_path(variables), "/s/amlnet/watch.json");
  EXPECT_EQ(watch_state_path({}), "");
}

}  // namespace
}  // namespace amlnet
