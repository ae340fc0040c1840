#include "reports/model/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "reports/model/base64.h"
#include "reports/model/time.h"
#include "reports/text.h"

namespace amlnet {
namespace {

/// What stands in the document, short and safe to print.
std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  const std::string* text = value.get_ptr<const std::string*>();
  // Long texts are cut before they are written out, since they may be megabytes.
  const Json sample = text ? Json(text->substr(0, 80)) : value;
  return shortened(escaped(compact(sample)), 50, "...");
}

}  // namespace

std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Place::path() const {
  std::string path;
  for (const Place* at = this; at->up; at = at->up) {
    const std::string step =
        at->key.empty() ? fmt::format("[{}]", at->index) : "." + shortened(escaped(at->key), 80, "...");
    path.insert(0, step);
  }
  if (path.starts_with('.')) path.erase(0, 1);
  return path.empty() ? "report" : path;
}

void Place::expected(std::string_view what) const {
  wrong(fmt::format("expected {}, got {}", what, shown(value)));
}

void Place::wrong(std::string_view what) const {
  if (!failed()) error = fmt::format("{}: {}", path(), what);
}

void write_json(std::string& out, const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (!plain) {
    out += compact(Json(text));
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

void write_json(std::string& out, const Json& json) {
  out += compact(json);
}

void write_json(std::string& out, double value) {
  constexpr double kLargest = 1e12;  // beyond it a tenth is no longer exact
  const double rounded = std::isfinite(value) ? std::round(value * 10) : 0.0;
  if (std::abs(rounded) > kLargest) {
    out += compact(Json(rounded / 10));
    return;
  }
  const auto tenths = static_cast<std::int64_t>(rounded);
  if (tenths < 0) out += '-';
  write_json(out, std::abs(tenths) / 10);
  out += '.';
  out += static_cast<char>('0' + std::abs(tenths) % 10);
}

void write_json(std::string& out, Failure failure) {
  write_json(out, std::string(name_of(failure)));
}

void write_json(std::string& out, const Bytes& bytes) {
  Encoder encoder(out);
  encoder.must("text", lossy_utf8(bytes.data));
  encoder.must("base64", base64_encoded(bytes.data));
  encoder.close();
}

void decode(const Place& place, bool& out) {
  if (!place.value.is_boolean()) return place.expected("true or false");
  out = place.value.get<bool>();
}

void decode(const Place& place, std::string& out) {
  if (!place.value.is_string()) return place.expected("a string");
  out = place.value.get_ref<const std::string&>();
}

void decode(const Place& place, double& out) {
  constexpr double kMost = 1e15;  // thirty thousand years
  if (!place.value.is_number()) return place.expected("a number of milliseconds");
  out = place.value.get<double>();
  if (!(std::abs(out) <= kMost)) place.expected("a number of milliseconds below 1e15");
}

void decode(const Place& place, Failure& out) {
  const std::string* text = place.value.get_ptr<const std::string*>();
  out = text ? failure_named(*text) : Failure::other;
  if (!text || name_of(out) != *text) place.expected("the name of a failure");
}

void decode(const Place& place, Bytes& out) {
  std::string text, base64;
  Decoder decoder(place);
  if (place.failed()) return;
  decoder.must("text", text);
  decoder.must("base64", base64);
  decoder.finish();
  if (place.failed()) return;
  std::optional<std::string> bytes = base64_decoded(base64);
  if (!bytes) return place.wrong("base64 is malformed");
  out.data = std::move(*bytes);
}

void decode_integer(const Place& place, std::int64_t least, std::uint64_t most, std::int64_t& out) {
  const Json& value = place.value;
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= most
                        : value.is_number_integer() && value.get<std::int64_t>() >= least;
  if (!fits) return place.expected(fmt::format("a whole number from {} to {}", least, most));
  out = value.is_number_unsigned() ? static_cast<std::int64_t>(value.get<std::uint64_t>())
                                   : value.get<std::int64_t>();
}

void Decoder::must_time(std::string_view name, std::int64_t& seconds) {
  std::optional<std::int64_t> time;
  if (find(name, true)) may_time(name, time);
  seconds = time.value_or(0);
}

void Decoder::may_time(std::string_view name, std::optional<std::int64_t>& seconds) {
  seconds.reset();
  const Json* json = find(name, false);
  if (!json) return;
  if (const std::string* text = json->get_ptr<const std::string*>()) seconds = from_rfc3339(*text);
  if (!seconds) Place{*json, place_.error, &place_, name}.expected("a time like 2026-03-19T08:00:00Z");
}

const Json* Decoder::find(std::string_view name, bool required) {
  if (place_.failed()) return nullptr;
  known_.push_back(name);
  for (const auto& [key, value] : place_.value.get_ref<const Json::object_t&>()) {
    if (key == name) return &value;
  }
  if (required) place_.wrong(fmt::format("{} is missing", name));
  return nullptr;
}

void Decoder::finish() const {
  if (place_.failed()) return;
  for (const auto& [key, value] : place_.value.get_ref<const Json::object_t&>()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    return Place{value, place_.error, &place_, key}.wrong("unknown member");
  }
}

}  // namespace amlnet
