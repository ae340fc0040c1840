#include "probes/cname_chain.h"

#include <gmock/gmock.h>

namespace amlnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DnsAnswer answer_with(std::vector<DnsRecord> records) {
  DnsAnswer answer;
  answer.name = "stws1.blob.core.windows.net";
  answer.records = std::move(records);
  return answer;
}

TEST(CnameChain, IsTheQuestionAloneWithoutCname) {
  const DnsAnswer answer = answer_with({{"stws1.blob.core.windows.net", "A", 60, "20.60.14.8"}});
  EXPECT_THAT(cname_chain(answer), ElementsAre("stws1.blob.core.windows.net"));
  EXPECT_THAT(addresses_of(answer), ElementsAre("20.60.14.8"));
}

TEST(CnameChain, FollowsRecordsInAnyOrder) {
  const DnsAnswer answer = answer_with({{"b.example", "A", 60, "10.0.2.10"},
                                        {"a.example", "CNAME", 60, "b.example"},
                                        {"stws1.blob.core.windows.net", "CNAME", 60, "a.example"}});
  EXPECT_THAT(cname_chain(answer), ElementsAre("stws1.blob.core.windows.net", "a.example", "b.example"));
  EXPECT_THAT(addresses_of(answer), ElementsAre("10.0.2.10"));
}

TEST(CnameChain, EndsAtALoop) {
  const DnsAnswer answer = answer_with({{"stws1.blob.core.windows.net", "CNAME", 60, "a.example"},
                                        {"a.example", "CNAME", 60, "stws1.blob.core.windows.net"}});
  EXPECT_THAT(cname_chain(answer), ElementsAre("stws1.blob.core.windows.net", "a.example"));
  EXPECT_THAT(addresses_of(answer), IsEmpty());
}

TEST(CnameChain, IgnoresAddressesThatOthersOwn) {
  const DnsAnswer answer = answer_with({{"stws1.blob.core.windows.net", "CNAME", 60, "a.example"},
                                        {"a.example", "A", 60, "10.0.2.10"},
                                        {"attacker.example", "A", 60, "192.0.2.66"},
                                        {"stws1.blob.core.windows.net", "A", 60, "192.0.2.67"}});
  EXPECT_THAT(addresses_of(answer), ElementsAre("10.0.2.10"));
}

}  // namespace
}  // namespace amlnet
