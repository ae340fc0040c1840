#include "agent/workspace/json_members.h"

namespace amlnet {

const nlohmann::json& member_of(const nlohmann::json& json, const char* name) {
  static const nlohmann::json none;
  const auto found = json.is_object() ? json.find(name) : json.end();
  return found == json.end() ? none : *found;
}

std::string text_member(const nlohmann::json& json, const char* name) {
  const nlohmann::json& value = member_of(json, name);
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace amlnet
