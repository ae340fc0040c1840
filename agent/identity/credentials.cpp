#include "agent/identity/credentials.h"

#include <unistd.h>

#include "agent/workspace/fact_syntax.h"

namespace amlnet {
namespace {

constexpr std::size_t kLongestValue = 16384;  // of a variable; a longer one is no secret

using Variables = std::map<std::string, std::string>;

std::string value_in(const Variables& variables, const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.size() > kLongestValue ? "" : found->second;
}

std::string guid_in(const Variables& variables, const char* name) {
  const std::string value = value_in(variables, name);
  return is_guid(value) ? value : "";
}

// A tenant is a GUID or a domain; it becomes part of a path.
std::string tenant_in(const Variables& variables) {
  const std::string value = value_in(variables, "AZURE_TENANT_ID");
  return is_guid(value) || is_host_name(value) ? value : "";
}

bool in_path(const std::string& program, std::string_view path) {
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string folder(path.substr(0, colon));
    if (folder.starts_with('/') && access((folder + '/' + program).c_str(), X_OK) == 0) return true;
    if (colon == std::string_view::npos) break;
    path.remove_prefix(colon + 1);
  }
  return false;
}

void add_service_principal(const Credentials& credentials, std::vector<IdentityMethod>& methods) {
  if (credentials.tenant.empty() || credentials.client_id.empty()) return;
  if (!credentials.client_secret.empty()) return methods.push_back(IdentityMethod::secret);
  if (!credentials.certificate_file.empty()) methods.push_back(IdentityMethod::certificate);
}

// On a compute that has a token endpoint of its own, the metadata service does not know its identity.
void add_managed(const Credentials& credentials, bool metadata, std::vector<IdentityMethod>& methods) {
  if (!credentials.msi_endpoint.empty() && !credentials.msi_secret.empty())
    methods.push_back(IdentityMethod::managed_endpoint);
  else if (metadata)
    methods.push_back(IdentityMethod::metadata);
}

}  // namespace

std::string_view name_of(IdentityMethod method) {
  switch (method) {
    case IdentityMethod::managed_endpoint:
      return "managed-endpoint";
    case IdentityMethod::metadata:
      return "metadata";
    case IdentityMethod::secret:
      return "service-principal";
    case IdentityMethod::certificate:
      return "service-principal-certificate";
    case IdentityMethod::azure_cli:
      return "azure-cli";
    case IdentityMethod::device_code:
      return "device-code";
  }
  return "metadata";
}

std::string_view title_of(IdentityMethod method) {
  switch (method) {
    case IdentityMethod::managed_endpoint:
      return "the compute's token endpoint (MSI_ENDPOINT)";
    case IdentityMethod::metadata:
      return "the instance metadata service";
    case IdentityMethod::secret:
      return "the service principal's secret (AZURE_CLIENT_SECRET)";
    case IdentityMethod::certificate:
      return "the service principal's certificate (AZURE_CLIENT_CERTIFICATE_PATH)";
    case IdentityMethod::azure_cli:
      return "the session of the Azure CLI";
    case IdentityMethod::device_code:
      return "a device code";
  }
  return "";
}

Credentials read_credentials(const std::map<std::string, std::string>& environment) {
  Credentials found;
  found.msi_endpoint = value_in(environment, "MSI_ENDPOINT");
  found.msi_secret = value_in(environment, "MSI_SECRET");
  found.tenant = tenant_in(environment);
  found.client_id = guid_in(environment, "AZURE_CLIENT_ID");
  found.client_secret = value_in(environment, "AZURE_CLIENT_SECRET");
  found.certificate_file = value_in(environment, "AZURE_CLIENT_CERTIFICATE_PATH");
  found.certificate_password = value_in(environment, "AZURE_CLIENT_CERTIFICATE_PASSWORD");
  found.managed_client_id = guid_in(environment, "DEFAULT_IDENTITY_CLIENT_ID");
  std::vector<IdentityMethod> principal;
  add_service_principal(found, principal);
  if (found.managed_client_id.empty() && principal.empty()) found.managed_client_id = found.client_id;
  found.azure_cli = in_path("az", value_in(environment, "PATH"));
  return found;
}

std::vector<IdentityMethod> methods_for(IdentityChoice choice, const Credentials& credentials,
                                        bool metadata) {
  std::vector<IdentityMethod> methods;
  switch (choice) {
    case IdentityChoice::none:
      break;
    case IdentityChoice::managed:
      add_managed(credentials, true, methods);
      break;
    case IdentityChoice::service_principal:
      add_service_principal(credentials, methods);
      break;
    case IdentityChoice::azure_cli:
      methods.push_back(IdentityMethod::azure_cli);
      break;
    case IdentityChoice::device_code:
      methods.push_back(IdentityMethod::device_code);
      break;
    case IdentityChoice::automatic:
      add_managed(credentials, false, methods);
      add_service_principal(credentials, methods);
      if (methods.empty() || methods.front() != IdentityMethod::managed_endpoint)
        add_managed(credentials, metadata, methods);
      if (credentials.azure_cli) methods.push_back(IdentityMethod::azure_cli);
  }
  return methods;
}

bool expects_identity(IdentityChoice choice, const Credentials& credentials) {
  if (choice == IdentityChoice::none) return false;
  return choice != IdentityChoice::automatic || !credentials.managed_client_id.empty();
}

}  // namespace amlnet
