// Members of JSON that somebody else wrote and that may be of any kind. Used where Resource Manager's answers
// are read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace amlnet {

/// The member, or null where there is none or `json` is no object. Refers into `json`.
const nlohmann::json& member_of(const nlohmann::json& json, const char* name);

/// The same where it is a text, "" where it is anything else.
std::string text_member(const nlohmann::json& json, const char* name);

}  // namespace amlnet
