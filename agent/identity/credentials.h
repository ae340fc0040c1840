// What this node could prove who it is with, and in which order that is tried. Read from the environment;
// holds secrets, so nothing here is ever shown. Used by the run to get tokens.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// --identity.
enum class IdentityChoice { automatic, none, managed, service_principal, azure_cli, device_code };

/// One way to a token.
enum class IdentityMethod { managed_endpoint, metadata, secret, certificate, azure_cli, device_code };

/// As reports write it: "managed-endpoint", "metadata", "service-principal", "service-principal-certificate",
/// "azure-cli", "device-code".
std::string_view name_of(IdentityMethod method);

/// For sentences: "the compute's token endpoint (MSI_ENDPOINT)".
std::string_view title_of(IdentityMethod method);

struct Credentials {
  std::string msi_endpoint, msi_secret;  // MSI_ENDPOINT with MSI_SECRET, of Azure ML computes
  std::string managed_client_id;         // of a user-assigned identity
  std::string tenant, client_id;         // of a service principal
  std::string client_secret;
  std::string certificate_file, certificate_password;
  bool azure_cli = false;  // a program `az` is in PATH
};

/// MSI_ENDPOINT, MSI_SECRET, DEFAULT_IDENTITY_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_ID,
/// AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH, AZURE_CLIENT_CERTIFICATE_PASSWORD, as azure-identity
/// reads them, and PATH. AZURE_CLIENT_ID names a user-assigned identity where no service principal is
/// complete. What cannot be an id is left out.
Credentials read_credentials(const std::map<std::string, std::string>& environment);

/// The ways to try, first one first. `metadata` is whether the metadata service may be there. Device code
/// only where it was asked for.
std::vector<IdentityMethod> methods_for(IdentityChoice choice, const Credentials& credentials, bool metadata);

/// Whether somebody expects that a token can be had: then having none is a finding. --identity asks for one,
/// or the environment names one.
bool expects_identity(IdentityChoice choice, const Credentials& credentials);

}  // namespace amlnet
