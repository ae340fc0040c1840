#include "reports/model/dns_json.h"

#include <algorithm>
#include <numeric>

#include "reports/model/wire_json.h"

namespace amlnet {
namespace {

// Askings that one written answer may have: a small file must not unfold to a huge report when it is read.
constexpr std::size_t kMostAskings = 8;

/// One asking of an answer: what differs from server to server.
struct Asked {
  std::string server;
  std::vector<std::uint32_t> ttl;
  std::size_t size = 0;
  int attempts = 1;
  double start_ms = 0, duration_ms = 0;
};

/// An answer with all who gave it. `answer` holds what they share.
struct Shared {
  DnsAnswer answer;
  std::vector<Asked> from;
  std::vector<std::size_t> places;  // in DnsDetail::answers, one for each of `from`
};

Asked asked_of(const DnsAnswer& answer) {
  Asked asked{answer.server, {}, answer.size, answer.attempts, answer.start_ms, answer.duration_ms};
  for (const auto* records : {&answer.records, &answer.authority}) {
    for (const DnsRecord& record : *records) asked.ttl.push_back(record.ttl);
  }
  return asked;
}

/// The owner that a record has unless it says otherwise.
std::string expected_owner(const std::string& question, const DnsRecord* before) {
  if (!before) return question;
  return before->type == "CNAME" ? before->data : before->owner;
}

std::string records_json(const std::string& question, const std::vector<DnsRecord>& records) {
  std::string out = "[";
  const DnsRecord* before = nullptr;
  for (const DnsRecord& record : records) {
    if (before) out += ',';
    Encoder encoder(out);
    encoder.may("owner", record.owner, expected_owner(question, before));
    encoder.must("type", record.type);
    encoder.must("data", record.data);
    encoder.close();
    before = &record;
  }
  return out + ']';
}

void decode_records(Decoder& decoder, std::string_view name, const std::string& question,
                    std::vector<DnsRecord>& out) {
  const Json* json = decoder.find(name, false);
  if (!json) return;
  const Place place{*json, decoder.place().error, &decoder.place(), name};
  if (!json->is_array()) return place.expected("an array");
  out.reserve(json->size());
  for (const Json& element : *json) {
    const DnsRecord* before = out.empty() ? nullptr : &out.back();
    DnsRecord record;
    const Place at{element, place.error, &place, {}, out.size()};
    Decoder fields(at);
    if (place.failed()) return;
    fields.may("owner", record.owner, expected_owner(question, before));
    fields.must("type", record.type);
    fields.must("data", record.data);
    fields.finish();
    out.push_back(std::move(record));
  }
}

std::vector<std::string> flags_of(const DnsAnswer& answer) {
  std::vector<std::string> flags;
  if (answer.authoritative) flags.emplace_back("aa");
  if (answer.truncated) flags.emplace_back("tc");
  if (answer.recursion_available) flags.emplace_back("ra");
  return flags;
}

void set_flags(Decoder& decoder, const std::vector<std::string>& flags, DnsAnswer& answer) {
  for (const std::string& flag : flags) {
    if (flag == "aa") {
      answer.authoritative = true;
    } else if (flag == "tc") {
      answer.truncated = true;
    } else if (flag == "ra") {
      answer.recursion_available = true;
    } else {
      decoder.place().wrong("flags: expected aa, tc or ra");
    }
  }
}

/// Everything of an answer that does not differ from server to server; left open for those it came from.
std::string content_json(const DnsAnswer& answer, const std::string& name) {
  std::string out;
  Encoder encoder(out);
  encoder.may("name", answer.name, name);
  encoder.must("type", answer.type);
  encoder.may("transport", answer.transport, "udp");
  encoder.may("edns", answer.edns, true);
  encoder.may("rcode", answer.rcode);
  encoder.may("flags", flags_of(answer));
  if (!answer.records.empty()) encoder.add("records", records_json(answer.name, answer.records));
  if (!answer.authority.empty()) encoder.add("authority", records_json(answer.name, answer.authority));
  encoder.may("error", answer.error);
  return out;
}

void decode_shared(const Place& place, const std::string& name, Shared& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  std::vector<std::string> flags;
  decoder.may("name", out.answer.name, name);
  decoder.must("type", out.answer.type);
  decoder.may("transport", out.answer.transport, "udp");
  decoder.may("edns", out.answer.edns, true);
  decoder.may("rcode", out.answer.rcode);
  decoder.may("flags", flags);
  set_flags(decoder, flags, out.answer);
  decode_records(decoder, "records", out.answer.name, out.answer.records);
  decode_records(decoder, "authority", out.answer.name, out.answer.authority);
  decoder.may("error", out.answer.error);
  decoder.must("from", out.from);
  decoder.finish();
  if (out.from.size() > kMostAskings) return place.wrong("from: too many");
  const std::size_t records = out.answer.records.size() + out.answer.authority.size();
  if (!std::ranges::all_of(out.from, [&](const Asked& asked) { return asked.ttl.size() == records; })) {
    place.wrong("from: each ttl must have one number a record");
  }
}

DnsAnswer restored(const Shared& shared, const Asked& asked) {
  DnsAnswer answer = shared.answer;
  answer.server = asked.server;
  answer.size = asked.size;
  answer.attempts = asked.attempts;
  answer.start_ms = asked.start_ms;
  answer.duration_ms = asked.duration_ms;
  std::size_t next = 0;
  for (auto* records : {&answer.records, &answer.authority}) {
    for (DnsRecord& record : *records) record.ttl = asked.ttl[next++];
  }
  return answer;
}

template <class C>
void members(C& codec, typename C::template of<Asked>& asked) {
  codec.must("server", asked.server);
  codec.may("ttl", asked.ttl);
  codec.may("size", asked.size);
  codec.may("attempts", asked.attempts, 1);
  codec.must("start_ms", asked.start_ms);
  codec.must("duration_ms", asked.duration_ms);
}

/// Writes the answers grouped, and `order` where grouping has changed their order: order[i] is the place in
/// DnsDetail::answers of the i-th asking as written.
void write_answers(Encoder& encoder, const DnsDetail& detail) {
  std::vector<std::pair<std::string, Shared>> groups;
  for (std::size_t i = 0; i < detail.answers.size(); ++i) {
    std::string content = content_json(detail.answers[i], detail.name);
    auto group = std::ranges::find_if(groups, [&](const auto& other) {
      return other.second.from.size() < kMostAskings && other.first == content;
    });
    if (group == groups.end()) group = groups.insert(group, {std::move(content), Shared{}});
    group->second.from.push_back(asked_of(detail.answers[i]));
    group->second.places.push_back(i);
  }
  std::string array = "[";
  std::vector<std::size_t> order;
  for (const auto& [content, shared] : groups) {
    if (!order.empty()) array += ',';
    array += content + ",\"from\":";
    write_json(array, shared.from);
    array += '}';
    order.insert(order.end(), shared.places.begin(), shared.places.end());
  }
  encoder.add("answers", array + ']');  // always: an empty detail means no detail
  if (!std::ranges::is_sorted(order)) encoder.must("order", order);
}

void decode_answers(Decoder& decoder, DnsDetail& out) {
  std::vector<DnsAnswer> written;
  if (const Json* json = decoder.find("answers", true)) {
    const Place place{*json, decoder.place().error, &decoder.place(), "answers"};
    if (!json->is_array()) return place.expected("an array");
    std::size_t index = 0;
    for (const Json& element : *json) {
      Shared shared;
      decode_shared(Place{element, place.error, &place, {}, index++}, out.name, shared);
      if (place.failed()) return;
      for (const Asked& asked : shared.from) written.push_back(restored(shared, asked));
    }
  }
  std::vector<std::size_t> order, places(written.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  decoder.may("order", order, places);
  std::vector<std::size_t> sorted = order;
  std::ranges::sort(sorted);
  if (sorted != places) return decoder.place().wrong("order: expected each place once");
  out.answers.resize(written.size());
  for (std::size_t i = 0; i < written.size(); ++i) out.answers[order[i]] = std::move(written[i]);
}

}  // namespace

void write_dns(std::string& out, const DnsDetail& detail, const std::string& target) {
  Encoder encoder(out);
  encoder.may("name", detail.name, target);
  encoder.may("hosts_file", detail.hosts_file);
  encoder.may("searched", detail.searched);
  encoder.may("search_first", detail.search_first);
  write_answers(encoder, detail);
  encoder.may("addresses", detail.addresses);
  encoder.may("answered_by", detail.answered_by);
  encoder.close();
}

void decode_dns(const Place& place, const std::string& target, DnsDetail& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  decoder.may("name", out.name, target);
  decoder.may("hosts_file", out.hosts_file);
  decoder.may("searched", out.searched);
  decoder.may("search_first", out.search_first);
  decode_answers(decoder, out);
  decoder.may("addresses", out.addresses);
  decoder.may("answered_by", out.answered_by);
  decoder.finish();
}

}  // namespace amlnet
