// Who signed a chain: a public certificate authority by its names, a known vendor of TLS inspection, or
// somebody else. Names prove nothing on their own; the TLS rules also weigh whose hosts an issuer signs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"

namespace amlnet {

struct Issuer {
  std::string name;  // of the topmost certificate's issuer, the grouping key: "Contoso Inspection Root"
  bool known_public = false;  // some issuer in the chain has the name of a public authority
  std::string vendor;  // "Zscaler" where a name in the chain is one of a known inspection product, else ""
};

/// Judges the issuer fields only: an inspecting device copies the subject of the real leaf. An empty chain
/// gives an empty name.
Issuer issuer_of(const std::vector<std::string>& chain, const Certificates& certificates);

/// The certificate of a fingerprint, or null: reports are hostile input.
const Certificate* certificate_of(const std::string& sha256, const Certificates& certificates);

}  // namespace amlnet
