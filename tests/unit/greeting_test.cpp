// Only the answer to our own nonce proves the listener; everything else that such a port may say does not.
#include "probes/serve/greeting.h"

#include <gmock/gmock.h>

#include "agent/catalog/answerer.h"

namespace amlnet {
namespace {

using testing::ElementsAre;

const std::string kNonce = "0123456789abcdef0123456789abcdef";
const std::string kUrl = "http://10.0.3.8:44224/amlnet-reach/" + kNonce;
const Greeting kGreeting{"10.0.1.7:40312", "10.0.3.8:44224", {22, 44224}};

TEST(Greeting, IsReadAsItWasWritten) {
  const auto read = read_greeting(kUrl, greeting_text(kGreeting, kNonce));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seen_from, "10.0.1.7:40312");
  EXPECT_EQ(read->asked_at, "10.0.3.8:44224");
  EXPECT_THAT(read->open, ElementsAre(22, 44224));
}

TEST(Greeting, NoncesAreNew) {
  const std::string one = new_greeting_nonce();
  EXPECT_NE(one, new_greeting_nonce());
  EXPECT_EQ(greeting_nonce_in("/amlnet-reach/" + one), one);
}

TEST(Greeting, NoncesOfAnotherFormAreNone) {
  const std::string paths[] = {"/",
                               "/amlnet-reach/",
                               "/amlnet-reach/x",
                               "/amlnet-reach/" + kNonce + "0",
                               "/amlnet-reach/ABCDEF6789abcdef0123456789abcdef",
                               "/other/" + kNonce};
  for (const std::string& path : paths) EXPECT_EQ(greeting_nonce_in(path), "") << path;
}

TEST(Greeting, NothingElseIsProof) {
  const std::string good = greeting_text(kGreeting, kNonce);
  const auto with = [&](const std::string& what, const std::string& by) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), by);
  };
  const std::string bodies[] = {
      "",
      kUrl,                                                          // an echo
      "<html>404 /amlnet-reach/" + kNonce + "</html>",               // a page that repeats the path
      greeting_text(kGreeting, "ffffffffffffffffffffffffffffffff"),  // a cache
      good + "more",
      good.substr(0, good.size() - 1),
      with("amlnet-listen/1", "amlnet-listen/2"),
      with("you 10.0.1.7:40312", "you \x1b[31m"),
      with("you 10.0.1.7:40312", "you"),
      with("here ", "there "),
      with("open 22,44224", "open 22,,44224"),
      with("open 22,44224", "open 22,0"),
      with("open 22,44224", "open 70000"),
      with("open 22,44224", "open "),
      with("open 22,44224", "open 22 44224"),
  };
  for (const std::string& body : bodies) EXPECT_FALSE(read_greeting(kUrl, body)) << body;
  EXPECT_FALSE(read_greeting("http://10.0.3.8:44224/", good));
}

TEST(Greeting, ListsOfAnyLengthAreBounded) {
  Greeting many = kGreeting;
  many.open.assign(256, 22);
  EXPECT_TRUE(read_greeting(kUrl, greeting_text(many, kNonce)));
  many.open.push_back(22);
  EXPECT_FALSE(read_greeting(kUrl, greeting_text(many, kNonce)));
}

TEST(Greeting, TheAnswererRecognisesItWithItsStatusOnly) {
  const Answerer* answerer = find_answerer("amlnet-listen");
  ASSERT_NE(answerer, nullptr);
  HttpDetail http;
  http.url = kUrl;
  http.status = 200;
  http.body.data = greeting_text(kGreeting, kNonce);
  EXPECT_TRUE(answerer->recognises(http));
  http.status = 502;
  EXPECT_FALSE(answerer->recognises(http));
}

}  // namespace
}  // namespace amlnet
