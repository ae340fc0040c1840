// The pages of the documentation that findings point to.
#pragma once

#include "agent/diagnosis/causes.h"

namespace amlnet::documents {

inline constexpr CauseDoc kFirewall{
    "Configure inbound and outbound network traffic",
    "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall"};
inline constexpr CauseDoc kCustomDns{"Use your workspace with a custom DNS server",
                                     "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns"};
inline constexpr CauseDoc kTrainingVnet{
    "Secure a training environment with virtual networks",
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet"};
inline constexpr CauseDoc kWorkspaceVnet{
    "Secure a workspace with virtual networks",
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet"};
inline constexpr CauseDoc kPrivateLink{
    "Troubleshoot connection to a workspace with a private endpoint",
    "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-secure-connection-workspace"};
inline constexpr CauseDoc kManagedNetwork{
    "Workspace managed virtual network isolation",
    "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network"};
inline constexpr CauseDoc kOnPremises{
    "Access on-premises resources",
    "https://learn.microsoft.com/azure/machine-learning/how-to-access-on-premises-resources"};
inline constexpr CauseDoc kPrivateDns{"Azure private endpoint private DNS zone values",
                                      "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"};
inline constexpr CauseDoc kPrivateEndpoint{
    "Troubleshoot Azure private endpoint connectivity",
    "https://learn.microsoft.com/azure/private-link/troubleshoot-private-endpoint-connectivity"};
inline constexpr CauseDoc kAzureDnsPage{
    "What is IP address 168.63.129.16?",
    "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"};
inline constexpr CauseDoc kDnsFallback{"Fallback to internet for Azure private DNS zones",
                                       "https://learn.microsoft.com/azure/dns/private-dns-fallback"};
inline constexpr CauseDoc kDnsPolicy{"DNS security policy",
                                     "https://learn.microsoft.com/azure/dns/dns-security-policy"};
inline constexpr CauseDoc kOutbound{
    "Default outbound access in Azure",
    "https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access"};
inline constexpr CauseDoc kSnat{"Source network address translation (SNAT) with Azure NAT Gateway",
                                "https://learn.microsoft.com/azure/nat-gateway/nat-gateway-snat"};
inline constexpr CauseDoc kTcpTuning{
    "TCP/IP performance tuning for Azure VMs",
    "https://learn.microsoft.com/azure/virtual-network/virtual-network-tcpip-performance-tuning"};
inline constexpr CauseDoc kFirewallRules{"Azure Firewall rule processing logic",
                                         "https://learn.microsoft.com/azure/firewall/rule-processing"};
inline constexpr CauseDoc kAuthorities{
    "Azure Certificate Authority details",
    "https://learn.microsoft.com/azure/security/fundamentals/azure-ca-details"};
inline constexpr CauseDoc kMetadataService{
    "Azure Instance Metadata Service",
    "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service"};
inline constexpr CauseDoc kTimeSync{"Time sync for Linux VMs in Azure",
                                    "https://learn.microsoft.com/azure/virtual-machines/linux/time-sync"};
inline constexpr CauseDoc kStorageRules{
    "Azure Storage firewall and virtual network rules",
    "https://learn.microsoft.com/azure/storage/common/storage-network-security"};
inline constexpr CauseDoc kStorageTls{
    "Enforce a minimum TLS version for storage accounts",
    "https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-minimum-version"};
inline constexpr CauseDoc kVaultRules{"Network security for Azure Key Vault",
                                      "https://learn.microsoft.com/azure/key-vault/general/network-security"};
inline constexpr CauseDoc kRegistry{
    "Troubleshoot network issues with a registry",
    "https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access"};
inline constexpr CauseDoc kRoles{"Manage access to Azure Machine Learning workspaces",
                                 "https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles"};
inline constexpr CauseDoc kGatewayCodes{
    "HTTP response codes in Application Gateway",
    "https://learn.microsoft.com/azure/application-gateway/http-response-codes"};

inline constexpr CauseDoc kSecurityGroups{
    "Network security groups",
    "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview"};
inline constexpr CauseDoc kManagedIdentity{
    "How to use managed identities on an Azure VM to get an access token",
    "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token"};
inline constexpr CauseDoc kServiceAuthentication{
    "Set up service authentication",
    "https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication"};
inline constexpr CauseDoc kEntraCodes{
    "Microsoft Entra authentication and authorization error codes",
    "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"};

}  // namespace amlnet::documents
