// The CNAME chain of a DNS answer and the addresses at its end. Pure. The scheduler takes addresses from it,
// diagnosis reads where the chain passes.
#pragma once

#include <string>
#include <vector>

#include "probes/record.h"

namespace amlnet {

/// The names from the question to the end of its CNAME chain, in order; the question alone when there is no
/// CNAME. Loops end the chain.
std::vector<std::string> cname_chain(const DnsAnswer& answer);

/// The addresses that the end of the chain owns, in the answer's order. Records of other owners are ignored:
/// a hostile answer may carry them.
std::vector<std::string> addresses_of(const DnsAnswer& answer);

}  // namespace amlnet
