// How a service principal proves that it holds the key of its certificate: a short-lived JSON Web Token that
// it signs itself. https://learn.microsoft.com/entra/identity-platform/certificate-credentials
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "agent/catalog/config_error.h"

namespace amlnet {

struct AssertionRequest {
  std::string client_id;
  std::string endpoint;  // the token endpoint's URL, who the assertion is for
  std::string id;        // of this assertion, never used before
  std::int64_t now = 0;  // seconds since the epoch
};

/// Signs with PS256. `pem` holds a certificate and its RSA key, in any order, the key perhaps under
/// `password`. What is wrong is said without a word of the file.
std::variant<std::string, ConfigError> sign_assertion(std::string_view pem, const std::string& password,
                                                      const AssertionRequest& request);

}  // namespace amlnet
