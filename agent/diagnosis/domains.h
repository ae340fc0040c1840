// Who a host belongs to: its registered domain and its vendor. The one place for such rules; diagnosis groups
// filtered names by domain, and judges issuers and sinkholes by whether unrelated vendors share them.
#pragma once

#include <string>
#include <string_view>

#include "agent/workspace/fact_syntax.h"
#include "probes/target.h"

namespace amlnet {

/// The domain somebody registered: two labels, three below the few second-level suffixes that our users have
/// ("co.uk"). An address, or a name of one label, is its own domain.
std::string registered_domain(std::string_view host);

/// Who runs a host: "microsoft" for every domain of Microsoft's clouds, "python" for pypi.org and
/// pythonhosted.org, ...; elsewhere the registered domain. Two hosts are unrelated when their vendors differ.
std::string vendor_of(std::string_view host);

/// The private DNS zone in a CNAME target: "privatelink.blob.core.windows.net" of
/// "stws1.privatelink.blob.core.windows.net"; "" when the name has no such label.
std::string private_zone_of(std::string_view name);

}  // namespace amlnet
