// Whom a token is for, and who gives it, in each cloud. Used by everything that asks for tokens.
// https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/workspace/workspace.h"

namespace amlnet {

/// The services that are asked with a token.
enum class Audience { resource_manager, storage, key_vault, registry };
std::span<const Audience> all_audiences();

/// "Resource Manager", "storage", "Key Vault", "container registry".
std::string_view title_of(Audience audience);

/// The resource to ask a token for: "https://management.azure.com/".
std::string_view resource_of(Audience audience, Cloud cloud);

/// Entra ID: "login.microsoftonline.com".
std::string_view login_host(Cloud cloud);

/// "management.azure.com"
std::string_view resource_manager_host(Cloud cloud);

}  // namespace amlnet
