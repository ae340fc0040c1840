// The `detail` of a dns probe as JSON. Several servers mostly give the same answer, so an answer is written
// once with those it came from; nothing is lost. Used only by probe_json.
//
//   {"answers": [{"type": "A", "rcode": 0, "flags": ["ra"],
//                 "records": [{"type": "CNAME", "data": "x.privatelink.blob.core.windows.net"},
//                             {"type": "A", "data": "10.0.2.10"}],
//                 "from": [{"server": "10.0.0.4", "ttl": [60, 10], "size": 120, "start_ms": 3.1,
//                 "duration_ms": 8.9}]}],
//    "addresses": ["10.0.2.10"], "answered_by": "10.0.0.4"}
//
// Left out: the name where it is the probe's target, a record's owner where it is what the chain leads to
// (the question's name, then the data of the CNAME before it), udp, edns. `ttl` has the TTLs of records, then
// of authority.
#pragma once

#include <string>

#include "reports/model/codec.h"

namespace amlnet {

void write_dns(std::string& out, const DnsDetail& detail, const std::string& target);
void decode_dns(const Place& place, const std::string& target, DnsDetail& out);

}  // namespace amlnet
