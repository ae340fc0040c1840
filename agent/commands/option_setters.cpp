#include "agent/commands/option_setters.h"

#include "agent/commands/option_values.h"

namespace amlnet {

std::string expected_but_got(std::string_view expected, std::string_view value) {
  return fmt::format("expected {}, got \"{}\"", expected, printable(value));
}

std::string set_duration(std::string_view value, bool zero, std::chrono::milliseconds& out) {
  const auto duration = duration_of(value);
  if (!duration || (!zero && duration->count() == 0))
    return expected_but_got("a duration like 500ms, 5s or 2m, at most seven days", value);
  out = *duration;
  return "";
}

std::string set_number(std::string_view value, int least, int most, int& out) {
  const auto number = number_of(value, least, most);
  if (!number) return expected_but_got(fmt::format("a whole number from {} to {}", least, most), value);
  out = *number;
  return "";
}

std::string set_text(std::string_view value, std::string& out) {
  if (value.empty()) return "expected a value";
  out = value;
  return "";
}

std::string append_text(std::string_view value, std::vector<std::string>& out) {
  return set_text(value, out.emplace_back());
}

}  // namespace amlnet
