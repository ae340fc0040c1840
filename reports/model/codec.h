// The machinery of the JSON codec. A record says its members once, in a function members(codec, record);
// Encoder and Decoder walk the same list, so that what is written can be read. Used only inside reports/.
//
// Reading is strict: a missing or unknown member, a wrong type or a value out of range is an error with its
// path. The first error wins and ends the work.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "probes/record.h"
#include "reports/model/report.h"
#include "reports/model/time.h"

namespace amlnet {

using Json = nlohmann::ordered_json;

/// `json` on one line; bytes that are no UTF-8 become U+FFFD.
std::string compact(const Json& json);

/// A value of the document with the way to it. `error` is shared by all places of one document.
struct Place {
  const Json& value;
  std::string& error;
  const Place* up = nullptr;
  std::string_view key = {};  // of a member; empty for an element of an array
  std::size_t index = 0;

  bool failed() const { return !error.empty(); }
  /// Notes "path: expected ..., got ..." unless there is an error already.
  void expected(std::string_view what) const;
  /// Notes "path: ..." unless there is an error already.
  void wrong(std::string_view what) const;
  std::string path() const;
};

// ---- enumerations: every value, in the order of the declaration
// ----------------------------------------------

template <class E>
struct Values;
template <>
struct Values<Severity> {
  static constexpr std::array all{Severity::blocking, Severity::warning, Severity::info};
};
template <>
struct Values<Confidence> {
  static constexpr std::array all{Confidence::certain, Confidence::likely, Confidence::candidate};
};
template <>
struct Values<Level> {
  static constexpr std::array all{Level::required, Level::recommended, Level::optional};
};
template <>
struct Values<Status> {
  static constexpr std::array all{Status::pass, Status::fail, Status::unknown, Status::skipped};
};
template <>
struct Values<Unknown> {
  static constexpr std::array all{Unknown::not_testable, Unknown::not_known, Unknown::not_finished};
};
template <>
struct Values<Verdict> {
  static constexpr std::array all{Verdict::pass, Verdict::warn, Verdict::fail, Verdict::incomplete};
};
template <>
struct Values<TlsReached> {
  static constexpr std::array all{TlsReached::nothing, TlsReached::hello_sent, TlsReached::server_hello,
                                  TlsReached::certificate, TlsReached::finished};
};
template <>
struct Values<ErrorSource> {
  static constexpr std::array all{ErrorSource::system, ErrorSource::cares, ErrorSource::openssl,
                                  ErrorSource::curl, ErrorSource::amlnet};
};
template <>
struct Values<ProbeKind> {
  static constexpr std::array all{ProbeKind::dns, ProbeKind::tcp,  ProbeKind::udp,
                                  ProbeKind::tls, ProbeKind::http, ProbeKind::identity};
};
template <>
struct Values<Purpose> {
  static constexpr std::array all{Purpose::requirement, Purpose::control, Purpose::follow_up};
};
template <>
struct Values<ProbeStatus> {
  static constexpr std::array all{ProbeStatus::ok, ProbeStatus::failed, ProbeStatus::skipped,
                                  ProbeStatus::unfinished};
};

// ---- values -----------------------------------------------------------------------------------------------

class Encoder;
class Decoder;

/// What is an array in JSON.
template <class T>
concept List = std::same_as<T, std::vector<typename T::value_type>> ||
    std::same_as<T, std::deque<typename T::value_type>>;
/// What is an object, taken apart by a members() of its own, unless an overload says otherwise.
template <class T>
concept Record = std::is_class_v<T> && !List<T>;

/// Puts `value` as JSON text, on one line, at the end of `out`. No tree stands between: for ten thousand
/// probes it would cost more time than the probing.
inline void write_json(std::string& out, bool value) {
  out += value ? "true" : "false";
}
/// Bytes that are no UTF-8 become U+FFFD.
void write_json(std::string& out, const std::string& text);
void write_json(std::string& out, const Json& json);
void write_json(std::string& out, std::integral auto value);
/// All fractions of a report are milliseconds, written to a tenth. What is no number is 0.
void write_json(std::string& out, double value);
void write_json(std::string& out, Failure failure);
void write_json(std::string& out, const Bytes& bytes);
template <class E>
requires std::is_enum_v<E>
void write_json(std::string& out, E value) {
  write_json(out, std::string(name_of(value)));
}
template <class T>
void write_json(std::string& out, const std::optional<T>& value);
void write_json(std::string& out, const List auto& values);
void write_json(std::string& out, const Record auto& record);

/// The same as a text of its own.
template <class T>
std::string json_of(const T& value) {
  std::string out;
  write_json(out, value);
  return out;
}

void decode(const Place& place, bool& out);
void decode(const Place& place, std::string& out);
void decode(const Place& place, double& out);
void decode(const Place& place, Failure& out);
void decode(const Place& place, Bytes& out);
void decode_integer(const Place& place, std::int64_t least, std::uint64_t most, std::int64_t& out);
template <std::integral T>
void decode(const Place& place, T& out);
template <class E>
requires std::is_enum_v<E>
void decode(const Place& place, E& out);
template <class T>
void decode(const Place& place, std::optional<T>& out);
void decode(const Place& place, List auto& out);
void decode(const Place& place, Record auto& out);

/// What is compared with its fallback as it is, without writing either.
template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, std::vector<std::string>>;

// ---- records ----------------------------------------------------------------------------------------------

/// Writes an object at the end of `out`. must() always writes its member; may() leaves it out where it equals
/// `fallback`. The object is whole after close().
class Encoder {
 public:
  template <class T>
  using of = const T;  // members() takes a const record
  explicit Encoder(std::string& out) : out_(out) { out_ += '{'; }

  template <class T>
  void must(std::string_view name, const T& value) {
    begin(name);
    write_json(out_, value);
  }
  template <class T>
  requires Scalar<T>
  void may(std::string_view name, const T& value, const std::type_identity_t<T>& fallback) {
    if (value != fallback) must(name, value);
  }
  template <class T>
  void may(std::string_view name, const T& value) {
    if constexpr (Scalar<T>) {
      may(name, value, T{});
    } else {
      static const std::string fallback = json_of(T{});
      const std::size_t before = out_.size();
      const std::size_t start = begin(name);
      write_json(out_, value);
      if (std::string_view(out_).substr(start) == fallback) out_.resize(before);
    }
  }
  void must_port(std::string_view name, int port) { must(name, port); }
  void must_count(std::string_view name, int count) { must(name, count); }
  void must_time(std::string_view name, std::int64_t seconds) { must(name, rfc3339(seconds)); }
  void may_time(std::string_view name, std::optional<std::int64_t> seconds) {
    if (seconds) must_time(name, *seconds);
  }
  /// A member whose JSON text is there already.
  void add(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
  }
  void close() { out_ += '}'; }

 private:
  // Returns where the value begins.
  std::size_t begin(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_.size();
  }

  std::string& out_;
};

/// Takes an object apart. finish() is an error for members that nobody asked for.
class Decoder {
 public:
  template <class T>
  using of = T;

  explicit Decoder(const Place& place) : place_(place) {
    if (!place.value.is_object()) place.expected("an object");
  }
  template <class T>
  void must(std::string_view name, T& out) {
    if (const Json* json = find(name, true)) decode(Place{*json, place_.error, &place_, name}, out);
  }
  template <class T>
  void may(std::string_view name, T& out, const std::type_identity_t<T>& fallback = {}) {
    out = fallback;
    if (const Json* json = find(name, false)) decode(Place{*json, place_.error, &place_, name}, out);
  }
  void must_port(std::string_view name, int& port) {
    std::uint16_t value = 0;
    must(name, value);
    port = value;
  }
  /// From 0 to a number that sums of counts stay small with.
  void must_count(std::string_view name, int& count) {
    std::int64_t value = 0;
    if (const Json* json = find(name, true))
      decode_integer(Place{*json, place_.error, &place_, name}, 0, 10'000'000, value);
    count = static_cast<int>(value);
  }
  void must_time(std::string_view name, std::int64_t& seconds);
  void may_time(std::string_view name, std::optional<std::int64_t>& seconds);
  void finish() const;

  /// The member, or null; its absence is an error where `required`.
  const Json* find(std::string_view name, bool required);
  const Place& place() const { return place_; }

 private:
  const Place& place_;
  std::vector<std::string_view> known_;
};

// ---- definitions ------------------------------------------------------------------------------------------

void write_json(std::string& out, std::integral auto value) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

template <class T>
void write_json(std::string& out, const std::optional<T>& value) {
  if (value)
    write_json(out, *value);
  else
    out += "null";
}

void write_json(std::string& out, const List auto& values) {
  out += '[';
  for (const auto& value : values) {
    if (&value != &values.front()) out += ',';
    write_json(out, value);
  }
  out += ']';
}

void write_json(std::string& out, const Record auto& record) {
  Encoder encoder(out);
  members(encoder, record);
  encoder.close();
}

template <std::integral T>
void decode(const Place& place, T& out) {
  std::int64_t value = 0;
  decode_integer(place, std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0,
                 static_cast<std::uint64_t>(std::numeric_limits<T>::max()), value);
  out = static_cast<T>(value);
}

template <class E>
requires std::is_enum_v<E>
void decode(const Place& place, E& out) {
  const std::string* text = place.value.get_ptr<const std::string*>();
  std::string choices;
  for (const E value : Values<E>::all) {
    if (text && *text == name_of(value)) {
      out = value;
      return;
    }
    if (!choices.empty()) choices += value == Values<E>::all.back() ? " or " : ", ";
    choices += name_of(value);
  }
  place.expected(choices);
}

template <class T>
void decode(const Place& place, std::optional<T>& out) {
  out.reset();
  if (place.value.is_null()) return;
  decode(place, out.emplace());
}

void decode(const Place& place, List auto& out) {
  out.clear();
  if (!place.value.is_array()) return place.expected("an array");
  if constexpr (requires { out.reserve(place.value.size()); }) out.reserve(place.value.size());
  std::size_t index = 0;
  for (const Json& element : place.value) {
    decode(Place{element, place.error, &place, {}, index++}, out.emplace_back());
    if (place.failed()) return;
  }
}

void decode(const Place& place, Record auto& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  members(decoder, out);
  decoder.finish();
}

}  // namespace amlnet
