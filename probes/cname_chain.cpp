#include "probes/cname_chain.h"

#include <algorithm>

namespace amlnet {

std::vector<std::string> cname_chain(const DnsAnswer& answer) {
  std::vector<std::string> chain{answer.name};
  for (bool grew = true; grew;) {
    grew = false;
    for (const DnsRecord& record : answer.records) {
      if (record.type != "CNAME" || record.owner != chain.back()) continue;
      if (std::find(chain.begin(), chain.end(), record.data) != chain.end()) return chain;
      chain.push_back(record.data);
      grew = true;
      break;
    }
  }
  return chain;
}

std::vector<std::string> addresses_of(const DnsAnswer& answer) {
  const std::string end = cname_chain(answer).back();
  std::vector<std::string> found;
  for (const DnsRecord& record : answer.records)
    if ((record.type == "A" || record.type == "AAAA") && record.owner == end) found.push_back(record.data);
  return found;
}

}  // namespace amlnet
