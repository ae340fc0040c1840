#include "agent/diagnosis/program_stores.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace amlnet {

bool is_program_store(std::string_view name) {
  constexpr std::array<std::string_view, 7> kReaders = {"REQUESTS_CA_BUNDLE ", "CURL_CA_BUNDLE ", "PIP_CERT ",
                                                        "GIT_SSL_CAINFO ",     "certifi ",        "Java ",
                                                        "NODE_EXTRA_CA_CERTS "};
  return std::any_of(kReaders.begin(), kReaders.end(), [&](auto reader) { return name.starts_with(reader); });
}

std::vector<StoreVerdict> program_verdicts(const TlsDetail& tls) {
  std::vector<StoreVerdict> found;
  std::copy_if(tls.verdicts.begin(), tls.verdicts.end(), std::back_inserter(found),
               [](const StoreVerdict& verdict) { return is_program_store(verdict.store); });
  return found;
}

}  // namespace amlnet
