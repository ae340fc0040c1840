#include "reports/model/json_object.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace amlnet {

JsonObject::JsonObject() : JsonObject(nlohmann::ordered_json::object()) {}
JsonObject::JsonObject(nlohmann::ordered_json object)
    : object_(std::make_unique<nlohmann::ordered_json>(std::move(object))) {}
JsonObject::JsonObject(const JsonObject& other) : JsonObject(*other) {}
JsonObject::JsonObject(JsonObject&& other) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject other) noexcept {
  object_.swap(other.object_);
  return *this;
}
JsonObject::~JsonObject() = default;

bool JsonObject::operator==(const JsonObject& other) const {
  return *object_ == *other.object_;
}

}  // namespace amlnet
