// The table from library codes to failures, row by row, and the names that reports rely on.
#include "probes/failure.h"

#include <ares.h>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <set>

#include "probes/record.h"

namespace amlnet {
namespace {

TEST(Failure, NamesAreDistinctAndReadBack) {
  std::set<std::string_view> seen;
  for (int i = 0; i <= static_cast<int>(Failure::other); ++i) {
    const auto failure = static_cast<Failure>(i);
    EXPECT_TRUE(seen.insert(name_of(failure)).second) << name_of(failure);
    EXPECT_EQ(failure_named(name_of(failure)), failure) << i;
  }
  EXPECT_EQ(name_of(Failure::tls_alert), "tls_alert");
  EXPECT_EQ(failure_named("no such failure"), Failure::other);
  EXPECT_EQ(failure_named(""), Failure::other);
}

TEST(Failure, RecordNames) {
  EXPECT_EQ(name_of(TlsReached::server_hello), "server_hello");
  EXPECT_EQ(name_of(ProbeKind::http), "http");
  EXPECT_EQ(name_of(Purpose::follow_up), "follow-up");
  EXPECT_EQ(name_of(ProbeStatus::unfinished), "unfinished");
}

struct Row {
  int code;
  Failure failure;
};

TEST(Failure, FromErrno) {
  const Row rows[] = {
      {0, Failure::none},
      {ETIMEDOUT, Failure::timeout},
      {ECONNREFUSED, Failure::refused},
      {ECONNRESET, Failure::reset},
      {EPIPE, Failure::closed},
      {EHOSTUNREACH, Failure::host_unreachable},
      {ENETUNREACH, Failure::net_unreachable},
      {EAFNOSUPPORT, Failure::net_unreachable},
      {EINVAL, Failure::local_blackhole},
      {EACCES, Failure::local_prohibited},
      {EPERM, Failure::local_reject},
      {EMFILE, Failure::no_descriptors},
      {ENFILE, Failure::no_descriptors},
      {ENOMEM, Failure::no_memory},
      {ENOBUFS, Failure::no_memory},
      {EADDRNOTAVAIL, Failure::no_local_port},
      {ECANCELED, Failure::cancelled},
      {EBADF, Failure::other},
  };
  for (const Row& row : rows) {
    const WireError error = from_errno(row.code);
    EXPECT_EQ(error.failure, row.failure) << row.code;
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.source, row.code == 0 ? ErrorSource::none : ErrorSource::system);
    EXPECT_EQ(static_cast<bool>(error), row.code != 0);
    EXPECT_EQ(error.text.empty(), row.code == 0);
  }
}

TEST(Failure, FromCares) {
  const Row rows[] = {
      {ARES_SUCCESS, Failure::none},           {ARES_ETIMEOUT, Failure::timeout},
      {ARES_ECONNREFUSED, Failure::refused},   {ARES_EOF, Failure::closed},
      {ARES_EBADRESP, Failure::dns_malformed}, {ARES_EBADNAME, Failure::dns_bad_name},
      {ARES_ENOMEM, Failure::no_memory},       {ARES_ECANCELLED, Failure::cancelled},
      {ARES_EDESTRUCTION, Failure::cancelled}, {ARES_ENODATA, Failure::other},
  };
  for (const Row& row : rows) EXPECT_EQ(from_cares(row.code).failure, row.failure) << row.code;
  EXPECT_EQ(from_cares(ARES_EBADNAME).source, ErrorSource::cares);
}

TEST(Failure, FromOpenssl) {
  const auto ssl = [](int reason) { return ERR_PACK(ERR_LIB_SSL, 0, reason); };
  EXPECT_EQ(from_openssl(ssl(SSL_R_TLSV1_UNRECOGNIZED_NAME)).failure, Failure::tls_alert);
  EXPECT_EQ(from_openssl(ssl(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)).failure, Failure::tls_alert);
  EXPECT_EQ(from_openssl(ssl(SSL_AD_REASON_OFFSET)).failure, Failure::tls_alert);
  EXPECT_EQ(from_openssl(ssl(SSL_AD_REASON_OFFSET - 1)).failure, Failure::tls_protocol);
  EXPECT_EQ(from_openssl(ssl(SSL_R_UNEXPECTED_EOF_WHILE_READING)).failure, Failure::closed);
  EXPECT_EQ(from_openssl(ssl(SSL_R_WRONG_VERSION_NUMBER)).failure, Failure::tls_protocol);
  // The reason of another library's error that happens to lie in the range of alerts.
  EXPECT_EQ(from_openssl(ERR_PACK(ERR_LIB_X509, 0, 1040)).failure, Failure::tls_protocol);
  const WireError system = from_openssl(ERR_SYSTEM_FLAG | static_cast<unsigned>(ECONNRESET));
  EXPECT_EQ(system.failure, Failure::reset);
  EXPECT_EQ(system.source, ErrorSource::system);
  EXPECT_EQ(from_openssl(0).failure, Failure::tls_protocol);
  EXPECT_TRUE(from_openssl(0).text.empty());
  EXPECT_NE(from_openssl(ssl(SSL_R_WRONG_VERSION_NUMBER)).text, "");
}

struct CurlRow {
  int code;
  long os_errno;
  Failure failure;
};

TEST(Failure, FromCurl) {
  const CurlRow rows[] = {
      {CURLE_OK, ECONNREFUSED, Failure::none},
      {CURLE_OPERATION_TIMEDOUT, 0, Failure::timeout},
      {CURLE_OPERATION_TIMEDOUT, EINPROGRESS, Failure::timeout},
      {CURLE_COULDNT_CONNECT, ECONNREFUSED, Failure::refused},
      {CURLE_COULDNT_CONNECT, EHOSTUNREACH, Failure::host_unreachable},
      {CURLE_COULDNT_CONNECT, 0, Failure::other},
      {CURLE_RECV_ERROR, ECONNRESET, Failure::reset},
      {CURLE_RECV_ERROR, 0, Failure::closed},
      {CURLE_SEND_ERROR, EPIPE, Failure::closed},
      {CURLE_GOT_NOTHING, 0, Failure::closed},
      {CURLE_PARTIAL_FILE, 0, Failure::closed},
      {CURLE_SSL_CONNECT_ERROR, 0, Failure::tls_protocol},
      {CURLE_SSL_CONNECT_ERROR, ECONNRESET, Failure::reset},
      {CURLE_PEER_FAILED_VERIFICATION, 0, Failure::tls_protocol},
      {CURLE_WEIRD_SERVER_REPLY, 0, Failure::http_malformed},
      {CURLE_UNSUPPORTED_PROTOCOL, 0, Failure::http_malformed},
      {CURLE_HTTP2, 0, Failure::http_malformed},
      {CURLE_HTTP2_STREAM, 0, Failure::http_malformed},
      {CURLE_OUT_OF_MEMORY, 0, Failure::http_too_large},
      {CURLE_OUT_OF_MEMORY, ENOMEM, Failure::no_memory},
      {CURLE_WRITE_ERROR, 0, Failure::http_too_large},
      {100, 0, Failure::http_too_large},
      {CURLE_COULDNT_RESOLVE_PROXY, 0, Failure::proxy_unresolved},
      {CURLE_PROXY, 0, Failure::proxy_refused},
      {CURLE_ABORTED_BY_CALLBACK, 0, Failure::cancelled},
      {CURLE_COULDNT_RESOLVE_HOST, 0, Failure::other},
      {CURLE_URL_MALFORMAT, 0, Failure::other},
  };
  for (const CurlRow& row : rows) {
    const WireError error = from_curl(row.code, row.os_errno);
    EXPECT_EQ(error.failure, row.failure) << row.code << " with errno " << row.os_errno;
    EXPECT_EQ(error.source, row.code == CURLE_OK ? ErrorSource::none : ErrorSource::curl);
  }
}

TEST(Failure, OurOwn) {
  EXPECT_EQ(timed_out().failure, Failure::timeout);
  EXPECT_EQ(timed_out().source, ErrorSource::amlnet);
  EXPECT_EQ(was_cancelled().failure, Failure::cancelled);
}

}  // namespace
}  // namespace amlnet
