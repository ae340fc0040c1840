// Reads DNS answers with the C library's own bounds-checked parser (ns_initparse and friends); what it
// rejects is malformed. Everything kept is in presentation form, so that no byte of a hostile server reaches
// a report raw.
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <resolv.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "probes/ascii.h"

#include "probes/dns.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kHeader = 12;  // RFC 1035 section 4.1.1

// The name at `at`, lower case and without a trailing dot. `used` is how many bytes it took in place.
std::optional<std::string> read_name(const ns_msg& message, const unsigned char* at, int& used) {
  std::array<char, NS_MAXDNAME> text{};
  used = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, text.data(), text.size());
  if (used < 0) return std::nullopt;
  std::string name = lower_case(text.data());
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

// Not by inet_ntop(), which prints through sprintf(): of a thousand answers that can be felt.
std::optional<std::string> read_ipv4(const ns_rr& rr) {
  if (ns_rr_rdlen(rr) != NS_INADDRSZ) return std::nullopt;
  const unsigned char* bytes = ns_rr_rdata(rr);
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

std::optional<std::string> read_ipv6(const ns_rr& rr) {
  if (ns_rr_rdlen(rr) != NS_IN6ADDRSZ) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!inet_ntop(AF_INET6, ns_rr_rdata(rr), text.data(), text.size())) return std::nullopt;
  return text.data();
}

// The data of a record of a type that is kept; nothing when it is malformed.
std::optional<std::string> read_data(const ns_msg& message, const ns_rr& rr) {
  if (ns_rr_type(rr) == ns_t_a) return read_ipv4(rr);
  if (ns_rr_type(rr) == ns_t_aaaa) return read_ipv6(rr);
  int used = 0;
  std::optional<std::string> name = read_name(message, ns_rr_rdata(rr), used);
  const bool fits = ns_rr_type(rr) == ns_t_cname ? used == ns_rr_rdlen(rr) : used < ns_rr_rdlen(rr);
  return fits ? name : std::nullopt;
}

std::string type_name(int type) {
  switch (type) {
    case ns_t_a:
      return "A";
    case ns_t_aaaa:
      return "AAAA";
    case ns_t_cname:
      return "CNAME";
    case ns_t_soa:
      return "SOA";
    default:
      return "";
  }
}

// Adds the section's records to `out`: only SOA ones, or only the others. False when one is malformed.
bool read_section(ns_msg& message, ns_sect section, bool soa, std::vector<DnsRecord>& out) {
  for (int i = 0; i < ns_msg_count(message, section) && out.size() < kMostRecords; ++i) {
    ns_rr rr;
    if (ns_parserr(&message, section, i, &rr) != 0) return false;
    DnsRecord record{lower_case(ns_rr_name(rr)), type_name(ns_rr_type(rr)), 0, ""};
    if (ns_rr_class(rr) != ns_c_in || record.type.empty() || (ns_rr_type(rr) == ns_t_soa) != soa) continue;
    const std::optional<std::string> data = read_data(message, rr);
    if (!data) return false;
    record.ttl = ns_rr_ttl(rr) > 0x7fffffff ? 0 : ns_rr_ttl(rr);  // RFC 2181 section 8
    record.data = *data;
    out.push_back(std::move(record));
  }
  return true;
}

// The upper bits of the response code, in the OPT record (RFC 6891 section 6.1.3).
int extended_rcode(ns_msg& message) {
  const int most = std::min<int>(ns_msg_count(message, ns_s_ar), kMostRecords);
  for (int i = 0; i < most; ++i) {
    ns_rr rr;
    if (ns_parserr(&message, ns_s_ar, i, &rr) != 0) return 0;
    if (ns_rr_type(rr) == ns_t_opt) return static_cast<int>(ns_rr_ttl(rr) >> 24) << 4;
  }
  return 0;
}

bool question_matches(ns_msg& message, const DnsAnswer& answer) {
  if (ns_msg_count(message, ns_s_qd) != 1) return false;
  ns_rr question;
  if (ns_parserr(&message, ns_s_qd, 0, &question) != 0) return false;
  return lower_case(ns_rr_name(question)) == lower_case(answer.name) && ns_rr_class(question) == ns_c_in &&
         type_name(ns_rr_type(question)) == answer.type;
}

// Header and question alone, with no records counted: what can be relied on in a message that was cut off.
std::vector<unsigned char> without_records(const unsigned char* bytes, std::size_t size) {
  const int question = ns_skiprr(bytes + kHeader, bytes + size, ns_s_qd, 1);
  if (question < 0) return {};
  std::vector<unsigned char> head(bytes, bytes + kHeader + question);
  for (std::size_t i = 6; i < kHeader; ++i) head[i] = 0;  // answer, authority, additional: none
  return head;
}

bool malformed(DnsAnswer& answer, const char* why) {
  answer.records.clear();
  answer.authority.clear();
  answer.rcode.reset();
  answer.error = {Failure::dns_malformed, ErrorSource::amlnet, 0, why};
  return false;
}

}  // namespace

bool read_dns_message(const unsigned char* bytes, std::size_t size, DnsAnswer& answer) {
  answer.size = size;
  if (size < kHeader || size > NS_MAXMSG) return malformed(answer, "no room for a header");
  if ((bytes[2] & 0x80) == 0) return malformed(answer, "a query, not a response");
  answer.authoritative = (bytes[2] & 0x04) != 0;
  answer.truncated = (bytes[2] & 0x02) != 0;
  answer.recursion_available = (bytes[3] & 0x80) != 0;
  const int rcode = bytes[3] & 0x0f;
  // A server that did not understand the question need not repeat it.
  if (rcode != 0 && size == kHeader && bytes[4] == 0 && bytes[5] == 0) {
    answer.rcode = rcode;
    return true;
  }

  ns_msg message;
  std::vector<unsigned char> head;
  bool readable = ns_initparse(bytes, static_cast<int>(size), &message) == 0;
  if (!readable && answer.truncated) {
    head = without_records(bytes, size);
    readable = !head.empty() && ns_initparse(head.data(), static_cast<int>(head.size()), &message) == 0;
  }
  if (!readable) return malformed(answer, "lengths and counts do not fit the bytes");
  if (!question_matches(message, answer)) return malformed(answer, "an answer to another question");
  if (!read_section(message, ns_s_an, false, answer.records) ||
      !read_section(message, ns_s_ns, true, answer.authority))
    return malformed(answer, "a record that cannot be read");
  answer.rcode = rcode | extended_rcode(message);
  return true;
}

}  // namespace amlnet
