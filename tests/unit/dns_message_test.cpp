// read_dns_message() on good, cut, wrong and random messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "probes/dns.h"

namespace amlnet {
namespace {

using Message = std::vector<unsigned char>;

void put(Message& m, std::initializer_list<int> bytes) {
  for (int b : bytes) m.push_back(static_cast<unsigned char>(b));
}

void put_name(Message& m, const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    m.push_back(static_cast<unsigned char>(label.size()));
    m.insert(m.end(), label.begin(), label.end());
  }
  m.push_back(0);
}

// A response to "ws.example A" with the given counts and no record yet.
Message response(int flags2, int flags3, int answers, int authority = 0, int additional = 0) {
  Message m;
  put(m, {0x12, 0x34, flags2, flags3, 0, 1, 0, answers, 0, authority, 0, additional});
  put_name(m, {"ws", "example"});
  put(m, {0, 1, 0, 1});
  return m;
}

// A record owned by the name at offset `owner`.
void put_record(Message& m, int owner, int type, int ttl, const Message& data) {
  put(m, {0xc0, owner, 0, type, 0, 1, 0, 0, ttl >> 8, ttl & 255});
  put(m, {static_cast<int>(data.size() >> 8), static_cast<int>(data.size() & 255)});
  m.insert(m.end(), data.begin(), data.end());
}

// ws.example CNAME ws.privatelink.example, A 10.0.2.10, AAAA fd00::5; SOA; OPT.
Message full_response() {
  Message m = response(0x85, 0x80, 3, 1, 1);
  Message target;
  put_name(target, {"WS", "privatelink", "example"});
  put_record(m, 12, 5, 60, target);
  const int owner = static_cast<int>(m.size() - target.size());
  put_record(m, owner, 1, 10, {10, 0, 2, 10});
  put_record(m, owner, 28, 10, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5});
  Message soa;
  put_name(soa, {"ns"});
  put_name(soa, {"admin"});
  soa.resize(soa.size() + 20);
  put_record(m, 15, 6, 300, soa);
  put(m, {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0});
  return m;
}

DnsAnswer asked(const char* name = "ws.example", const char* type = "A") {
  DnsAnswer answer;
  answer.name = name;
  answer.type = type;
  return answer;
}

bool read(const Message& m, DnsAnswer& answer) {
  return read_dns_message(m.data(), m.size(), answer);
}

TEST(DnsMessage, KeepsWhatWasOnTheWire) {
  const Message m = full_response();
  DnsAnswer answer = asked("WS.example");
  ASSERT_TRUE(read(m, answer)) << answer.error.text;
  EXPECT_EQ(answer.rcode, 0);
  EXPECT_TRUE(answer.authoritative);
  EXPECT_TRUE(answer.recursion_available);
  EXPECT_FALSE(answer.truncated);
  EXPECT_EQ(answer.size, m.size());
  ASSERT_EQ(answer.records.size(), 3U);
  EXPECT_EQ(answer.records[0].owner, "ws.example");
  EXPECT_EQ(answer.records[0].type, "CNAME");
  EXPECT_EQ(answer.records[0].ttl, 60U);
  EXPECT_EQ(answer.records[0].data, "ws.privatelink.example");
  EXPECT_EQ(answer.records[1].owner, "ws.privatelink.example");
  EXPECT_EQ(answer.records[1].data, "10.0.2.10");
  EXPECT_EQ(answer.records[2].type, "AAAA");
  EXPECT_EQ(answer.records[2].data, "fd00::5");
  ASSERT_EQ(answer.authority.size(), 1U);
  EXPECT_EQ(answer.authority[0].owner, "example");
  EXPECT_EQ(answer.authority[0].data, "ns");
  EXPECT_FALSE(answer.error);
}

TEST(DnsMessage, EveryTruncationIsMalformed) {
  const Message whole = full_response();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Message cut(whole.begin(), whole.begin() + static_cast<long>(size));
    DnsAnswer answer = asked();
    EXPECT_FALSE(read(cut, answer)) << size;
    EXPECT_EQ(answer.error.failure, Failure::dns_malformed) << size;
    EXPECT_FALSE(answer.rcode) << size;
    EXPECT_TRUE(answer.records.empty()) << size;
  }
}

TEST(DnsMessage, CutWithTruncationBitIsAnAnswer) {
  Message whole = full_response();
  whole[2] |= 2;
  const std::size_t question_end = response(0, 0, 0).size();
  for (std::size_t size = 12; size < whole.size(); ++size) {
    const Message cut(whole.begin(), whole.begin() + static_cast<long>(size));
    DnsAnswer answer = asked();
    EXPECT_EQ(read(cut, answer), size >= question_end) << size;
    EXPECT_TRUE(answer.truncated) << size;
  }
}

struct Bad {
  const char* why;
  Message message;
};

TEST(DnsMessage, Malformed) {
  Message query = response(0x01, 0, 0);
  Message other_name = response(0x80, 0, 0);
  other_name[13] = 'x';
  Message other_type = response(0x80, 0, 0);
  other_type[other_type.size() - 3] = 28;
  Message other_class = response(0x80, 0, 0);
  other_class.back() = 3;
  Message no_question = {0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  Message two_questions = response(0x80, 0, 0);
  two_questions[5] = 2;
  put_name(two_questions, {"ws", "example"});
  put(two_questions, {0, 1, 0, 1});
  Message trailing = full_response();
  trailing.push_back(0);
  Message short_address = response(0x80, 0, 1);
  put_record(short_address, 12, 1, 1, {10, 0, 0});
  Message long_address = response(0x80, 0, 1);
  put_record(long_address, 12, 28, 1, {10, 0, 0, 1});
  Message self_loop = response(0x80, 0, 1);
  const int at = static_cast<int>(self_loop.size());
  put_record(self_loop, at, 1, 1, {10, 0, 0, 1});
  Message loop_in_data = response(0x80, 0, 1);
  const int data = static_cast<int>(loop_in_data.size()) + 12;
  put_record(loop_in_data, 12, 5, 1, {0xc0, static_cast<unsigned char>(data)});
  Message beyond = response(0x80, 0, 1);
  put_record(beyond, 12, 5, 1, {0xff, 0xff});
  Message short_name = response(0x80, 0, 1);
  put_record(short_name, 12, 5, 1, {0xc0, 12, 0});
  Message many = response(0x80, 0, 255);
  const Bad rows[] = {
      {"a query", query},
      {"another name", other_name},
      {"another type", other_type},
      {"another class", other_class},
      {"no question", no_question},
      {"two questions", two_questions},
      {"trailing byte", trailing},
      {"A of 3 bytes", short_address},
      {"AAAA of 4 bytes", long_address},
      {"owner is itself", self_loop},
      {"target is itself", loop_in_data},
      {"pointer beyond the end", beyond},
      {"data longer than the name", short_name},
      {"counts without records", many},
  };
  for (const Bad& row : rows) {
    DnsAnswer answer = asked();
    EXPECT_FALSE(read(row.message, answer)) << row.why;
    EXPECT_EQ(answer.error.failure, Failure::dns_malformed) << row.why;
    EXPECT_TRUE(answer.records.empty()) << row.why;
  }
}

TEST(DnsMessage, ResponseCodesAreAnswers) {
  for (int rcode = 0; rcode < 16; ++rcode) {
    DnsAnswer answer = asked();
    EXPECT_TRUE(read(response(0x81, 0x80 | rcode, 0), answer)) << rcode;
    EXPECT_EQ(answer.rcode, rcode);
    EXPECT_FALSE(answer.error);
  }
  DnsAnswer header_only = asked();
  EXPECT_TRUE(read({0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0}, header_only));
  EXPECT_EQ(header_only.rcode, 1);
  Message bad_version = response(0x81, 0x80, 0, 0, 1);
  put(bad_version, {0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0});
  DnsAnswer extended = asked();
  EXPECT_TRUE(read(bad_version, extended));
  EXPECT_EQ(extended.rcode, 16);
}

TEST(DnsMessage, BytesAreEscapedAndLifetimesSane) {
  Message m = response(0x80, 0, 2);
  Message target;
  put_name(target, {std::string("\x1b[31m A.b\xff\0", 11)});
  put_record(m, 12, 5, 1, target);
  put_record(m, 12, 1, 1, {10, 0, 0, 1});
  m[m.size() - 10] = 0xff;  // the uppermost byte of the last TTL
  DnsAnswer answer = asked();
  ASSERT_TRUE(read(m, answer));
  EXPECT_EQ(answer.records[0].data, "\\027[31m\\032a\\.b\\255\\000");
  EXPECT_EQ(answer.records[1].ttl, 0U);
}

TEST(DnsMessage, KeepsAtMost64Records) {
  Message m = response(0x80, 0, 200);
  for (int i = 0; i < 200; ++i) put_record(m, 12, 1, 1, {10, 0, 0, static_cast<unsigned char>(i)});
  DnsAnswer answer = asked();
  ASSERT_TRUE(read(m, answer));
  EXPECT_EQ(answer.records.size(), 64U);
}

TEST(DnsMessage, OtherTypesAndClassesAreSkipped) {
  Message m = response(0x80, 0, 3, 1);
  put_record(m, 12, 16, 1, {3, 'a', 'b', 'c'});
  put_record(m, 12, 1, 1, {10, 0, 0, 1});
  m[m.size() - 11] = 3;  // class CHAOS
  put_record(m, 12, 1, 1, {10, 0, 0, 2});
  put_record(m, 12, 2, 1, {0xc0, 12});
  DnsAnswer answer = asked();
  ASSERT_TRUE(read(m, answer)) << answer.error.text;
  ASSERT_EQ(answer.records.size(), 1U);
  EXPECT_EQ(answer.records[0].data, "10.0.0.2");
  EXPECT_TRUE(answer.authority.empty());
}

// Seeded, so that a failure can be repeated. What matters is that no sanitizer complains and that what is
// kept is printable.
TEST(DnsMessage, RandomBytesDoNoHarm) {
  std::mt19937 random(20260319);
  const Message whole = full_response();
  for (int round = 0; round < 20000; ++round) {
    Message m = whole;
    if (round % 4 == 0) {
      m.resize(random() % 300);
      for (unsigned char& b : m) b = static_cast<unsigned char>(random());
    } else {
      for (unsigned i = 0; i <= random() % 4; ++i)
        m[random() % m.size()] = static_cast<unsigned char>(random());
    }
    DnsAnswer answer = asked();
    const bool good = read(m, answer);
    EXPECT_EQ(good, !answer.error);
    EXPECT_EQ(good, answer.rcode.has_value());
    for (const DnsRecord& record : answer.records)
      for (const char c : record.owner + record.data) EXPECT_TRUE(c > ' ' && c < 0x7f);
  }
}

}  // namespace
}  // namespace amlnet
