// Rows of the table of causes: HTTP answers, the services' own rules, the gateway.
#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

namespace {

std::vector<Cause> service_causes() {
  return {
      {"service.storage-firewall",
       rule_storage_firewall,
       "The storage account's network rules refuse this node.",
       "Admit this network to the storage account of {}: a private endpoint, or a virtual network rule.",
       {"A node in the account's region comes from a private address, so that rules by public address cannot "
        "match it."},
       {kStorageRules, kWorkspaceVnet}},
      {"service.keyvault-firewall",
       rule_keyvault_firewall,
       "The key vault's firewall refuses this address.",
       "Admit the client address to the key vault of {}, or use its private endpoint.",
       {},
       {kVaultRules}},
      {"service.keyvault-private-only",
       rule_keyvault_private_only,
       "The key vault admits private endpoints only.",
       "Reach {} by a private endpoint: create it, with the zone privatelink.vaultcore.azure.net.",
       {},
       {kVaultRules, kPrivateDns}},
      {"service.registry-data-blocked",
       rule_registry_data_blocked,
       "The registry's login server passes, its data endpoint is denied.",
       "Admit this network to the registry's data endpoint {} as well.",
       {"Images are named by the login server and fetched from the data endpoint: allow both, or a pull "
        "stops "
        "after the manifest.",
        "With dedicated data endpoints: allow REGISTRY.REGION.data.azurecr.io of each region. A private "
        "endpoint "
        "has an address for the login server and one for each data endpoint."},
       {kRegistry},
       true},
      {"service.registry-firewall",
       rule_registry_firewall,
       "The container registry's firewall refuses this address.",
       "Admit the client address to the registry {}, or use its private endpoint.",
       {},
       {kRegistry}},
      {"service.workspace-private-only",
       rule_workspace_private_only,
       "The workspace admits its private endpoint only.",
       "Reach {} by the workspace's private endpoint: its names must lead there, and no proxy may be in "
       "between.",
       {},
       {kPrivateLink, kCustomDns}},
      {"service.tls-version",
       rule_service_tls_version,
       "The account's minimum TLS version refuses ours.",
       "Use TLS 1.2 or later for {}, or find the device that lowers the version.",
       {},
       {kStorageTls}},
      {"service.permission-denied",
       rule_permission_denied,
       "The service was reached and knows the caller, who lacks a role.",
       "Assign the role that {} asks for to the identity that the node uses.",
       {"Storage: Storage Blob Data Contributor or Reader on the account, Storage File Data Privileged "
        "Reader for "
        "files, Storage Queue or Table Data Reader for those. Key vault: Key Vault Secrets User, or an "
        "access policy "
        "that lists secrets. Registry: AcrPull. Workspace: AzureML Data Scientist.",
        "What nobody uses of an account needs no role: then this is no fault.",
        "The network needs no change; a new assignment takes some minutes to be seen."},
       {kRoles}},
  };
}

}  // namespace

std::vector<Cause> answer_causes() {
  auto table = service_causes();
  const std::vector<Cause> rest = {
      {"gateway.backend",
       rule_gateway_backend,
       "The gateway answers, the fault is behind it.",
       "Mend the back end of the gateway's rule for {}.",
       {"Look at the gateway's back-end health: network rules, DNS and routes of the gateway's own subnet.",
        "The back end's certificate must match the probe's host name, and its private root must be uploaded "
        "to the gateway."},
       {kGatewayCodes, kOnPremises}},
      {"gateway.rejected",
       rule_gateway_rejected,
       "The gateway rejects the request.",
       "Check the gateway's listener and rules for {}.",
       {"404: no listener has this host name. 403: the web application firewall or the back end. 400: HTTP "
        "on an HTTPS listener, or a client certificate."},
       {kGatewayCodes, kOnPremises}},
      {"http.instance-unhealthy",
       rule_instance_unhealthy,
       "The network is fine, the instance does not answer.",
       "Restart the compute instance {}.",
       {"See in the studio whether it runs; then restart it. The network needs no change."},
       {kTrainingVnet}},
      {"http.host-filtered",
       rule_host_filtered,
       "Plain HTTP is cut off by its Host header.",
       "Allow plain HTTP to the host names under {} in the firewall that filters by the Host header.",
       {"In Azure Firewall: an application rule for the names, protocol http, port 80."},
       {kFirewall, kFirewallRules},
       true},
      {"http.websocket-blocked",
       rule_websocket_blocked,
       "Ordinary requests pass, an upgrade to WebSocket does not.",
       "Let WebSocket upgrades to {} pass on TCP 443.",
       {"Whatever ends TLS on the way (an inspecting firewall, a reverse proxy, a gateway) must hand on the "
        "headers "
        "Upgrade and Connection over HTTP/1.1; firewalls have a switch for WebSocket.",
        "Best exempt the host from TLS inspection."},
       {kTrainingVnet, kFirewall},
       true},
      {"http.block-page",
       rule_block_page,
       "A page of a device came in place of the service's answer.",
       "Exempt {} from the device that shows the page.",
       {"The page's server, address and text are in the evidence."},
       {kFirewall},
       true},
      {"http.unexpected",
       rule_http_unexpected,
       "An answer that the service would not give.",
       "See in the evidence what answered for {}.",
       {},
       {kFirewall},
       true},
  };
  table.insert(table.end(), rest.begin(), rest.end());
  return table;
}

}  // namespace amlnet
