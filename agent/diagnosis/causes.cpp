#include "agent/diagnosis/causes.h"

#include <algorithm>
#include <iterator>

namespace amlnet {
namespace {

std::vector<Cause> all() {
  std::vector<Cause> table;
  for (auto* family :
       {first_causes, name_causes, path_causes, tls_causes, answer_causes, last_causes, identity_causes}) {
    auto rows = family();
    std::move(rows.begin(), rows.end(), std::back_inserter(table));
  }
  return table;
}

}  // namespace

const std::vector<Cause>& causes() {
  static const std::vector<Cause> table = all();
  return table;
}

const Cause* find_cause(std::string_view code) {
  const auto found =
      std::find_if(causes().begin(), causes().end(), [&](const Cause& c) { return c.code == code; });
  return found == causes().end() ? nullptr : &*found;
}

}  // namespace amlnet
