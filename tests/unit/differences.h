// Compares two reports field by field, so that a field which the codec forgets is found. A structure with a
// new field does not compile until its number here is right. Used by the tests of the report's codec.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "reports/model/report.h"

namespace amlnet {

template <class T>
inline constexpr int kFields = 0;
template <>
inline constexpr int kFields<Bytes> = 1;
template <>
inline constexpr int kFields<DocLink> = 2;
template <>
inline constexpr int kFields<EvidenceLine> = 2;
template <>
inline constexpr int kFields<Alternative> = 2;
template <>
inline constexpr int kFields<Fix> = 3;
template <>
inline constexpr int kFields<StoreVerdict> = 3;
template <>
inline constexpr int kFields<WireError> = 4;
template <>
inline constexpr int kFields<IcmpError> = 4;
template <>
inline constexpr int kFields<DnsRecord> = 4;
template <>
inline constexpr int kFields<Tally> = 4;
template <>
inline constexpr int kFields<DocReference> = 4;
template <>
inline constexpr int kFields<Report::Tool> = 4;
template <>
inline constexpr int kFields<Report::Summary> = 4;
template <>
inline constexpr int kFields<UdpDetail> = 6;
template <>
inline constexpr int kFields<DnsDetail> = 7;
template <>
inline constexpr int kFields<TcpDetail> = 9;
template <>
inline constexpr int kFields<EndpointReport> = 8;
template <>
inline constexpr int kFields<Report::Run> = 8;
template <>
inline constexpr int kFields<RequirementReport> = 9;
template <>
inline constexpr int kFields<LiveDifference> = 3;
template <>
inline constexpr int kFields<LiveRequirements> = 4;
template <>
inline constexpr int kFields<Report> = 10;
template <>
inline constexpr int kFields<Report::Node> = 15;
template <>
inline constexpr int kFields<Finding> = 11;
template <>
inline constexpr int kFields<ProbeRecord> = 13;
template <>
inline constexpr int kFields<Certificate> = 15;
template <>
inline constexpr int kFields<IdentityDetail> = 13;
template <>
inline constexpr int kFields<HttpDetail> = 18;
template <>
inline constexpr int kFields<DnsAnswer> = 16;
template <>
inline constexpr int kFields<TlsDetail> = 16;

/// The fields of a structure as a tuple of references.
template <class T>
auto fields(const T& t) {
  constexpr int n = kFields<T>;
  // clang-format off
  if constexpr (n == 1) { const auto& [a] = t; return std::tie(a); }
  else if constexpr (n == 2) { const auto& [a, b] = t; return std::tie(a, b); }
  else if constexpr (n == 3) { const auto& [a, b, c] = t; return std::tie(a, b, c); }
  else if constexpr (n == 4) { const auto& [a, b, c, d] = t; return std::tie(a, b, c, d); }
  else if constexpr (n == 6) { const auto& [a, b, c, d, e, f] = t; return std::tie(a, b, c, d, e, f); }
  else if constexpr (n == 7) { const auto& [a, b, c, d, e, f, g] = t; return std::tie(a, b, c, d, e, f, g); }
  else if constexpr (n == 8) { const auto& [a, b, c, d, e, f, g, h] = t; return std::tie(a, b, c, d, e, f, g, h); }
  else if constexpr (n == 9) { const auto& [a, b, c, d, e, f, g, h, i] = t; return std::tie(a, b, c, d, e, f, g, h, i); }
  else if constexpr (n == 10) { const auto& [a, b, c, d, e, f, g, h, i, j] = t; return std::tie(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (n == 11) { const auto& [a, b, c, d, e, f, g, h, i, j, k] = t; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
  else if constexpr (n == 13) { const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = t; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m); }
  else if constexpr (n == 15) { const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p] = t; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p); }
  else if constexpr (n == 18) { const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s] = t; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s); }
  else { static_assert(n == 16, "a structure without its number of fields"); const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q] = t; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q); }
  // clang-format on
}

using Differences = std::vector<std::string>;

template <class T>
void compare(const T& a, const T& b, const std::string& path, Differences& out);

template <class T>
void compare(const std::optional<T>& a, const std::optional<T>& b, const std::string& path,
             Differences& out) {
  if (a.has_value() != b.has_value()) {
    out.push_back(path);
  } else if (a) {
    compare(*a, *b, path, out);
  }
}

template <class T, class U>
void compare(const std::pair<T, U>& a, const std::pair<T, U>& b, const std::string& path, Differences& out) {
  compare(a.first, b.first, path + ".first", out);
  compare(a.second, b.second, path + ".second", out);
}

void compare_each(const auto& a, const auto& b, const std::string& path, Differences& out) {
  if (a.size() != b.size()) return out.push_back(path + ".size");
  for (std::size_t i = 0; i < a.size(); ++i) compare(a[i], b[i], path + '[' + std::to_string(i) + ']', out);
}

template <class T>
void compare(const std::vector<T>& a, const std::vector<T>& b, const std::string& path, Differences& out) {
  compare_each(a, b, path, out);
}

inline void compare(const Probes& a, const Probes& b, const std::string& path, Differences& out) {
  compare_each(a, b, path, out);
}

inline void compare(const Certificates& a, const Certificates& b, const std::string& path, Differences& out) {
  const std::vector<std::pair<std::string, Certificate>> left(a.begin(), a.end()), right(b.begin(), b.end());
  compare(left, right, path, out);
}

inline void compare(const ProbeDetail& a, const ProbeDetail& b, const std::string& path, Differences& out) {
  if (a.index() != b.index()) return out.push_back(path + ".index");
  visit_detail(
      [&](const auto& left) {
        using Detail = std::remove_cvref_t<decltype(left)>;
        if constexpr (!std::is_same_v<Detail, std::monostate>)
          compare(left, *detail_of<Detail>(b), path, out);
      },
      a);
}

template <class T>
void compare(const T& a, const T& b, const std::string& path, Differences& out) {
  if constexpr (std::equality_comparable<T>) {
    if (!(a == b)) out.push_back(path);
  } else {
    const auto left = fields(a), right = fields(b);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (compare(std::get<I>(left), std::get<I>(right), path + '.' + std::to_string(I), out), ...);
    }
    (std::make_index_sequence<static_cast<std::size_t>(kFields<T>)>());
  }
}

/// The paths of all fields that differ: "[8][3].12", fields by their place in the declaration.
template <class T>
Differences differences(const T& a, const T& b) {
  Differences out;
  compare(a, b, "", out);
  return out;
}

}  // namespace amlnet
