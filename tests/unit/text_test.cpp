#include "reports/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace amlnet {
namespace {

using testing::ElementsAre;

TEST(Text, EscapesWhatATerminalWouldObeyOrHide) {
  const std::pair<std::string, std::string> cases[] = {
      {"plain host.example-1_a", "plain host.example-1_a"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {std::string("nul\0", 4), "nul\\x00"},
      {"tab\tcr\rlf\n\x7f", "tab\\x09cr\\x0dlf\\x0a\\x7f"},
      {"c1 \xc2\x9b"
       "31m",
       "c1 \\xc2\\x9b31m"},  // CSI in one code point
      {"\xe2\x80\xae"
       "gpj.exe",
       "\\xe2\\x80\\xaegpj.exe"},           // right-to-left override
      {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},  // left-to-right isolate
      {"a\xe2\x80\x8b"
       "b",
       "a\\xe2\\x80\\x8b"
       "b"},                                         // zero-width space
      {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},           // byte order mark
      {"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},  // tag character
      {"\xff\xfe", "\\xff\\xfe"},
      {"cut \xe2\x82", "cut \\xe2\\x82"},
      {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
      {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
      {"high \xf4\x90\x80\x80", "high \\xf4\\x90\\x80\\x80"},
      {"\u00fc \u2192 \u4e2d", "\u00fc \u2192 \u4e2d"},
  };
  for (const auto& [raw, safe] : cases) EXPECT_EQ(escaped(raw), safe);
}

TEST(Text, EscapesToAscii) {
  EXPECT_EQ(escaped("a \u2192 b \u00b7 c\u2026 \u201cd\u201d", false), "a -> b | c... \"d\"");
  EXPECT_EQ(escaped("\u00fc", false), "\\xc3\\xbc");
}

TEST(Text, EscapingTwiceChangesNothing) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string once = escaped(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(escaped(once), once);
  }
}

TEST(Text, LossyUtf8) {
  EXPECT_EQ(lossy_utf8("ok \u00fc"), "ok \u00fc");
  EXPECT_EQ(lossy_utf8("\xff"
                       "a\xe2\x82"),
            "\ufffd"
            "a\ufffd\ufffd");
}

TEST(Text, DisplayWidth) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("\u2713 \u2192"), 3);
  EXPECT_EQ(display_width("\u4e2d\u6587"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width(""), 0);
}

TEST(Text, WrapsAtSpaces) {
  EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("one  two", 20), ElementsAre("one two"));
  EXPECT_THAT(wrapped("", 20), ElementsAre(""));
  EXPECT_THAT(wrapped("\u4e2d\u6587 \u4e2d", 5), ElementsAre("\u4e2d\u6587", "\u4e2d"));
}

TEST(Text, WrapsLongWordsWithoutLosingAny) {
  EXPECT_THAT(wrapped("is stws1.blob.core.windows.net here", 14),
              ElementsAre("is", "stws1.blob.", "core.windows.", "net here"));
  EXPECT_THAT(wrapped(std::string(25, 'x'), 10),
              ElementsAre(std::string(10, 'x'), std::string(10, 'x'), "xxxxx"));
  EXPECT_THAT(wrapped("a https://learn.microsoft.com/azure b", 10),
              ElementsAre("a", "https://learn.microsoft.com/azure", "b"));
  EXPECT_THAT(wrapped("\u4e2d\u4e2d", 1), ElementsAre("\u4e2d", "\u4e2d"));
}

TEST(Text, Shortens) {
  EXPECT_EQ(shortened("short", 5, "\u2026"), "short");
  EXPECT_EQ(shortened("longer", 5, "\u2026"), "long\u2026");
  EXPECT_EQ(shortened("longer", 5, "..."), "lo...");
  EXPECT_EQ(shortened("\u4e2d\u6587\u4e2d", 4, "\u2026"), "\u4e2d\u2026");
  EXPECT_EQ(shortened("longer", 2, "..."), "..");
}

}  // namespace
}  // namespace amlnet
