#include "agent/commands/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/commands/option_table.h"

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string script_of(const std::string& shell) {
  const auto result = parse_command_line({"completion", shell}, {});
  const Notice* notice = std::get_if<Notice>(&result);
  return notice && notice->status == 0 ? notice->text : "";
}

std::string refusal_of(const std::vector<std::string>& shells) {
  std::vector<std::string> arguments{"completion"};
  arguments.insert(arguments.end(), shells.begin(), shells.end());
  const auto result = parse_command_line(arguments, {});
  const Notice* notice = std::get_if<Notice>(&result);
  return notice && notice->status == 2 ? notice->text : "";
}

TEST(Completion, WordsAreReadFromTheMessageThatRefusesAValue) {
  EXPECT_THAT(words_in_message("expected auto, always or never, got \"?\""),
              ElementsAre("auto", "always", "never"));
  EXPECT_THAT(words_in_message("--feature: unknown feature \"?\"; expected ssh or monitoring-private"),
              ElementsAre("ssh", "monitoring-private"));
}

TEST(Completion, AMessageThatListsNoWordsGivesNone) {
  EXPECT_THAT(words_in_message("expected a duration like 500ms, 5s or 2m, at most seven days, got \"?\""),
              IsEmpty());
  EXPECT_THAT(words_in_message("expected a value"), IsEmpty());
  EXPECT_THAT(words_in_message("expected "), IsEmpty());
  EXPECT_THAT(words_in_message(""), IsEmpty());
}

TEST(Completion, EveryWordThatIsOfferedIsTaken) {
  int lists = 0;
  for (const OptionRow& row : option_rows()) {
    const CompletedOption option = completed(row);
    for (const std::string& word : option.words) {
      CheckOptions scratch;
      EXPECT_EQ(row.set(scratch, word), "") << option.name << ' ' << word;
    }
    lists += option.words.empty() ? 0 : 1;
  }
  EXPECT_GE(lists, 7);  // cloud, compute, feature, format, fail-on, color, progress
}

TEST(Completion, EveryShellKnowsEveryOptionOfEveryCommand) {
  for (const std::string& shell : completed_shells()) {
    const std::string script = script_of(shell);
    for (const std::string name : {"check", "plan", "requirements", "explain", "completion"})
      EXPECT_THAT(script, HasSubstr(name)) << shell;
    for (const OptionRow& row : option_rows()) {
      const std::string option = (shell == "fish" ? "-l " : "--") + std::string(row.name);
      EXPECT_THAT(script, HasSubstr(option)) << shell;
    }
  }
}

TEST(Completion, AShellIsNeeded) {
  EXPECT_EQ(refusal_of({}), "amlnet: completion: expected bash, fish or zsh, got nothing\n");
  EXPECT_EQ(refusal_of({"tcsh"}), "amlnet: completion: expected bash, fish or zsh, got \"tcsh\"\n");
  EXPECT_EQ(refusal_of({"bash", "zsh"}),
            "amlnet: completion: expected bash, fish or zsh, got \"bash zsh\"\n");
}

}  // namespace
}  // namespace amlnet
