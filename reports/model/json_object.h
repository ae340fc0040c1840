// A JSON object that keeps the parser's headers out of every file that includes a report: they would be most
// of its compile time. Who looks inside includes nlohmann/json.hpp.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace amlnet {

/// A value: copies are deep. Empty at first.
class JsonObject {
 public:
  JsonObject();
  JsonObject(nlohmann::ordered_json object);
  JsonObject(const JsonObject& other);
  JsonObject(JsonObject&& other) noexcept;
  JsonObject& operator=(JsonObject other) noexcept;
  ~JsonObject();
  bool operator==(const JsonObject& other) const;

  nlohmann::ordered_json& operator*() { return *object_; }
  const nlohmann::ordered_json& operator*() const { return *object_; }
  nlohmann::ordered_json* operator->() { return object_.get(); }
  const nlohmann::ordered_json* operator->() const { return object_.get(); }

 private:
  std::unique_ptr<nlohmann::ordered_json> object_;  // null only after a move
};

}  // namespace amlnet
