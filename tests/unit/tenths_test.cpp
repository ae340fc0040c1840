// What a run hands to the rules is what a saved report gives back.
#include "agent/run/tenths.h"

#include <gtest/gtest.h>

namespace amlnet {
namespace {

TEST(Tenths, EveryTimeOfARecord) {
  ProbeRecord record;
  record.start_ms = 1.26;
  record.duration_ms = 3007.46;
  record.loop_lag_ms = 0.04;
  TlsDetail tls;
  tls.handshake_ms = 2071.55;
  record.detail = tls;
  round_to_tenths(record);
  EXPECT_DOUBLE_EQ(record.start_ms, 1.3);
  EXPECT_DOUBLE_EQ(record.duration_ms, 3007.5);
  EXPECT_DOUBLE_EQ(record.loop_lag_ms, 0.0);
  EXPECT_DOUBLE_EQ(detail_of<TlsDetail>(record)->handshake_ms, 2071.6);

  HttpDetail http;
  http.connect_ms = 0.26;
  http.tls_ms = 0.34;
  http.first_byte_ms = 9.99;
  record.detail = http;
  round_to_tenths(record);
  const auto& asked = *detail_of<HttpDetail>(record);
  EXPECT_DOUBLE_EQ(asked.connect_ms, 0.3);
  EXPECT_DOUBLE_EQ(asked.tls_ms, 0.3);
  EXPECT_DOUBLE_EQ(asked.first_byte_ms, 10.0);

  DnsDetail dns;
  dns.answers.resize(1);
  dns.answers[0].start_ms = 5.55;
  dns.answers[0].duration_ms = 1.96;
  record.detail = dns;
  round_to_tenths(record);
  EXPECT_NEAR(detail_of<DnsDetail>(record)->answers[0].start_ms, 5.55, 0.051);
  EXPECT_DOUBLE_EQ(detail_of<DnsDetail>(record)->answers[0].duration_ms, 2.0);
}

}  // namespace
}  // namespace amlnet
