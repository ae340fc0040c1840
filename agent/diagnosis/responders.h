// Where the certificates of a run say that their revocation is asked: the OCSP responders and CRL hosts of
// leaf certificates. Used by the run, which asks each host once, and by the rule for hosts that cannot be
// reached. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probes/record.h"

namespace amlnet {

/// The name of the control and of its follow-ups.
inline constexpr std::string_view kRevocation = "revocation";

/// What the far end of the internet takes for an answer, in milliseconds. These hosts may be farther away
/// than any that the plan has, so no shorter silence counts, be the plan's own hosts ever so near.
inline constexpr double kFarMs = 400;

struct Responder {
  std::string host;   // lower case
  std::string url;    // plain HTTP on port 80
  bool ocsp = false;  // else a revocation list
};

/// The responders of a leaf, each host once. A certificate is hostile input: URLs of other schemes and ports,
/// with credentials, or whose host is an address or no DNS name of several labels are left out.
std::vector<Responder> responders_of(const Certificate& leaf);

/// The host of such a URL, "" for one that would be left out. An HTTP client may write the rest of it
/// otherwise.
std::string responder_host(std::string_view url);

}  // namespace amlnet
