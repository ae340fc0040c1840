#include "agent/diagnosis/issuers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "probes/ascii.h"

namespace amlnet {
namespace {

// Words of the names of public authorities, in lower case. Those that sign Azure's hosts are in Microsoft's
// "Azure Certificate Authority details"; the others sign the package sites of the catalog. A missing one does
// no harm where the node trusts it: such an issuer is suspected only once it signs unrelated vendors' hosts.
constexpr std::array<std::string_view, 46> kPublic = {"digicert",
                                                      "microsoft azure",
                                                      "microsoft tls",
                                                      "microsoft rsa",
                                                      "microsoft ecc",
                                                      "microsoft it tls",
                                                      "globalsign",
                                                      "sectigo",
                                                      "comodo ca",
                                                      "usertrust",
                                                      "let's encrypt",
                                                      "isrg root",
                                                      "internet security research group",
                                                      "entrust",
                                                      "amazon rsa",
                                                      "amazon ecdsa",
                                                      "amazon root",
                                                      "amazon",
                                                      "starfield",
                                                      "godaddy",
                                                      "google trust services",
                                                      "gts root",
                                                      "baltimore",
                                                      "cybertrust",
                                                      "d-trust",
                                                      "certum",
                                                      "unizeto",
                                                      "asseco data",
                                                      "identrust",
                                                      "quovadis",
                                                      "ssl.com",
                                                      "ssl corporation",
                                                      "buypass",
                                                      "swisssign",
                                                      "actalis",
                                                      "hellenic academic",
                                                      "t-telesec",
                                                      "telia",
                                                      "zerossl",
                                                      "thawte",
                                                      "geotrust",
                                                      "rapidssl",
                                                      "verisign",
                                                      "trustasia",
                                                      "cloudflare",
                                                      "harica"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kInspection = {{
    {"zscaler", "Zscaler"},
    {"netskope", "Netskope"},
    {"goskope", "Netskope"},
    {"fortinet", "Fortinet"},
    {"fortigate", "Fortinet"},
    {"palo alto", "Palo Alto Networks"},
    {"check point", "Check Point"},
    {"checkpoint", "Check Point"},
    {"blue coat", "Blue Coat"},
    {"bluecoat", "Blue Coat"},
    {"sophos", "Sophos"},
    {"umbrella", "Cisco Umbrella"},
    {"cisco", "Cisco"},
    {"forcepoint", "Forcepoint"},
    {"websense", "Forcepoint"},
    {"mcafee", "McAfee"},
    {"skyhigh", "Skyhigh"},
    {"barracuda", "Barracuda"},
    {"sonicwall", "SonicWall"},
    {"watchguard", "WatchGuard"},
    {"mitmproxy", "mitmproxy"},
    {"squid", "Squid"},
}};

std::string short_name(const Certificate& certificate) {
  if (!certificate.issuer_cn.empty()) return certificate.issuer_cn;
  return certificate.issuer_org.empty() ? certificate.issuer : certificate.issuer_org;
}

}  // namespace

const Certificate* certificate_of(const std::string& sha256, const Certificates& certificates) {
  const auto found = certificates.find(sha256);
  return found == certificates.end() ? nullptr : &found->second;
}

Issuer issuer_of(const std::vector<std::string>& chain, const Certificates& certificates) {
  Issuer result;
  for (const auto& fingerprint : chain) {
    const auto* certificate = certificate_of(fingerprint, certificates);
    if (certificate == nullptr) continue;
    result.name = short_name(*certificate);
    const auto words = lower_case(certificate->issuer_cn + "\n" + certificate->issuer_org);
    for (const auto& name : kPublic) {
      if (words.find(name) != std::string::npos) result.known_public = true;
    }
    for (const auto& [pattern, vendor] : kInspection) {
      if (result.vendor.empty() && words.find(pattern) != std::string::npos) result.vendor = vendor;
    }
  }
  if (!result.vendor.empty()) result.known_public = false;
  return result;
}

}  // namespace amlnet
