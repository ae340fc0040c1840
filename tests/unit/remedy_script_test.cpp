// Text of a report inside shell, Bicep and HCL: whatever it is, it ends no string and no comment.
// tests/commands/fix.py has shells and parsers read the same.
#include "agent/remedy/script.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/remedy/writers.h"

namespace amlnet {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RemedyScript, StringsAreEscapedByTheRulesOfTheirLanguage) {
  const struct {
    const char *text, *shell, *bicep, *hcl;
  } cases[] = {
      {"", "''", "''", R"("")"},
      {"a.b-c", "'a.b-c'", "'a.b-c'", R"("a.b-c")"},
      {"it's", R"('it'\''s')", R"('it\'s')", R"("it's")"},
      {R"(a"b)", R"('a"b')", R"('a"b')", R"("a\"b")"},
      {R"(a\b)", R"('a\b')", R"('a\\b')", R"("a\\b")"},
      {"${x} $x %{y}", "'${x} $x %{y}'", R"('\${x} $x %{y}')", R"("\u0024{x} $x \u0025{y}")"},
      {"$${x}", "'$${x}'", R"('$\${x}')", R"("$\u0024{x}")"},
      {"a\nb\tc\x7f", "'a_b_c_'", "'a_b_c_'", R"("a_b_c_")"},
      {"\xc3\xa9\xe2\x80\xa8", "'_____'", "'_____'", R"("_____")"},
      {"`id` $(id)", "'`id` $(id)'", "'`id` $(id)'", R"x("`id` $(id)")x"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(shell_word(one.text), one.shell);
    EXPECT_EQ(bicep_string(one.text), one.bicep);
    EXPECT_EQ(hcl_string(one.text), one.hcl);
  }
}

TEST(RemedyScript, ACommentIsOneLineOfAscii) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  every += "\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\xe2\x80\xae";
  const std::string text = comment_text(every);
  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
  EXPECT_LE(comment_text(std::string(100000, 'x')).size(), 503U);
  EXPECT_EQ(comments("# ", {"a\nb", "", "c"}), "# a\\x0ab\n#\n# c\n");
}

RuleSource source_with(const std::string& text) {
  return {text, text, Confidence::likely, "arm.management", Level::required, {{text, text, text, text}}};
}

Remedies every_kind(const std::string& text) {
  Remedies found;
  found.started = found.hostname = text;
  const RuleKind kinds[] = {ApplicationRule{"Https", 443, {"mcr.microsoft.com", "pypi.org"}},
                            NetworkRule{"UDP", 5831, {"eastus2.tundra.azureml.ms"}},
                            SecurityRule{"TCP", 443, {"Storage.eastus2"}},
                            SecurityRule{"TCP", 18881, {"10.0.2.4", "10.0.2.5"}},
                            OutboundHost{"pypi.org"},
                            OutboundTag{"AzureMachineLearning", "TCP", 18881},
                            OutboundEndpoint{"stws1", "blob", true},
                            ZoneLink{"privatelink.blob.core.windows.net"},
                            ZoneRecord{"privatelink.vaultcore.azure.net", "kvws1", ""}};
  for (const RuleKind& kind : kinds)
    found.rules.push_back({fmt::format("amlnet-{}", found.rules.size()), kind, {source_with(text)}});
  Fix fix{text, {text, text}, {{text, text}}};
  found.by_hand.push_back({text, text, text, "no rule mends it", {text}, {text}, fix});
  found.notes = {text};
  return found;
}

/// The lines of a file that are no comment.
std::string code_of(const std::string& file, std::string_view mark) {
  std::string out;
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t end = std::min(file.find('\n', at), file.size());
    const std::string line = file.substr(at, end - at);
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && !line.substr(first).starts_with(mark)) out += line + '\n';
    at = end + 1;
  }
  return out;
}

TEST(RemedyScript, NoTextOfAReportChangesWhatIsDone) {
  const Remedies plain = every_kind("nothing");
  for (const std::string evil :
       {"'; az group delete; '", "\naz group delete\n", "\r\naz group delete", "$(id) `id` ${x}",
        "*/ ''' \" \\", "\xe2\x80\xa8resource", "\x1b[2J\x08", "%{ if true }", "\\", "EOF\n"}) {
    const Remedies hostile = every_kind(evil);
    EXPECT_EQ(code_of(remedies_az_cli(hostile), "#"), code_of(remedies_az_cli(plain), "#")) << evil;
    EXPECT_EQ(code_of(remedies_bicep(hostile), "//"), code_of(remedies_bicep(plain), "//")) << evil;
    EXPECT_EQ(code_of(remedies_terraform(hostile), "#"), code_of(remedies_terraform(plain), "#")) << evil;
    EXPECT_THAT(remedies_text(hostile, {}), Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(code_of(remedies_az_cli(plain), "#"), HasSubstr("--destination 'pypi.org'"));
}

TEST(RemedyScript, AForeignFirewallGetsCommentsAndTheRestIsWritten) {
  Remedies found = every_kind("nothing");
  found.foreign_firewall = true;
  for (const auto& [file, mark] : {std::pair(remedies_az_cli(found), "#"),
                                   {remedies_bicep(found), "//"},
                                   {remedies_terraform(found), "#"}}) {
    EXPECT_THAT(file, HasSubstr("In your firewall, which is not Azure's:"));
    EXPECT_THAT(file, HasSubstr("mcr.microsoft.com"));
    EXPECT_THAT(code_of(file, mark), Not(HasSubstr("mcr.microsoft.com")));
    EXPECT_THAT(code_of(file, mark), HasSubstr("privatelink.blob.core.windows.net"));
  }
}

TEST(RemedyScript, WithoutFailuresNothingIsDone) {
  const Remedies none;
  for (const std::string& file :
       {remedies_text(none, {}), remedies_az_cli(none), remedies_bicep(none), remedies_terraform(none)})
    EXPECT_THAT(file, HasSubstr("Nothing failed in this report"));
  EXPECT_EQ(code_of(remedies_az_cli(none), "#") + code_of(remedies_bicep(none), "//") +
                code_of(remedies_terraform(none), "#"),
            "");
}

}  // namespace
}  // namespace amlnet
