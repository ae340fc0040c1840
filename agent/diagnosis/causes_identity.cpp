// Rows of the table of causes: who the node is. Two codes have their first row elsewhere, by what an endpoint
// or the environment shows; here is what tokens show.
#include "agent/diagnosis/documents.h"
#include "agent/diagnosis/rules.h"

namespace amlnet {

using namespace documents;

std::vector<Cause> identity_causes() {
  return {
      {"identity.imds-unreachable",
       rule_no_metadata_token,
       "The metadata service gives no answer.",
       "Let the node reach 169.254.169.254 port 80 directly.",
       {"Look for a route that catches 169.254.0.0/16 (VPN, container bridge) and for a local firewall "
        "rule."},
       {kMetadataService}},
      {"proxy.imds",
       rule_metadata_by_proxy,
       "The environment sends the metadata service through the proxy.",
       "Add 169.254.169.254 and 168.63.129.16 to NO_PROXY and no_proxy.",
       {},
       {kMetadataService}},
      {"identity.none",
       rule_identity_none,
       "The metadata service answers, and no identity is assigned to the node, or several and none is named.",
       "Assign a managed identity to the compute, or name the one to use.",
       {"A cluster or compute instance: assign the identity in the studio or with az ml compute update. A "
        "virtual "
        "machine: az vm identity assign.",
        "Checks that need no token are not affected."},
       {kManagedIdentity, kServiceAuthentication}},
      {"identity.throttled",
       rule_identity_throttled,
       "The token service answers 429 after the documented retries.",
       "Find what asks the token service so often on this node, and let it keep its tokens.",
       {"The metadata service takes 20 questions for tokens in a second, five at once; tokens last for hours "
        "and "
        "can be kept."},
       {kManagedIdentity, kMetadataService}},
      {"identity.endpoint-failed",
       rule_identity_endpoint_failed,
       "The compute's own token endpoint (MSI_ENDPOINT) fails.",
       "Mend the sign-in of the compute: the network is not at fault.",
       {"Compute instance: sign in again in the studio (single sign-on of the instance), or restart it.",
        "With a user-assigned identity set DEFAULT_IDENTITY_CLIENT_ID or AZURE_CLIENT_ID to its client id."},
       {kServiceAuthentication}},
      {"identity.refused",
       rule_identity_refused,
       "Entra ID answers, and refuses: Conditional Access, or a bad credential.",
       "Mend the credential, or the policy that refuses it: the network reaches Entra ID.",
       {"Look the code up in the list of AADSTS error codes, and in the sign-in log of the tenant.",
        "AADSTS53003: a Conditional Access policy blocks this identity or this place. AADSTS7000222: make a "
        "new "
        "client secret."},
       {kEntraCodes}},
  };
}

}  // namespace amlnet
