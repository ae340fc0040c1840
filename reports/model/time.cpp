#include "reports/model/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace amlnet {

std::string rfc3339(std::int64_t seconds) {
  using namespace std::chrono;
  // Years 0 to 9999 is what RFC 3339 can write; a certificate may claim more.
  seconds = std::clamp<std::int64_t>(seconds, -62167219200, 253402300799);
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::int64_t> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size() || text.back() != 'Z') return std::nullopt;
  const std::string_view fraction = text.substr(kShape.size(), text.size() - kShape.size() - 1);
  if (!fraction.empty() && (fraction.size() == 1 || fraction[0] != '.' ||
                            fraction.find_first_not_of("0123456789", 1) != std::string_view::npos))
    return std::nullopt;
  std::array<int, 6> parts{};
  std::size_t part = 0;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return std::nullopt;
    if (digit) parts[part] = parts[part] * 10 + (text[i] - '0');
    if (!digit) ++part;
  }
  const year_month_day date{year{parts[0]}, month{static_cast<unsigned>(parts[1])},
                            day{static_cast<unsigned>(parts[2])}};
  if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  const sys_seconds time = sys_days(date) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]);
  return time.time_since_epoch().count();
}

}  // namespace amlnet
