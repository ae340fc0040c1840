// One probe and the run's certificates as JSON, and back (contract section 3, `probes` and `certificates`).
// Used by the report's codec and by JSON Lines.
#pragma once

#include "probes/record.h"
#include "reports/model/codec.h"

namespace amlnet {

void write_json(std::string& out, const ProbeRecord& probe);
void decode(const Place& place, ProbeRecord& out);

void write_json(std::string& out,
                const Certificate& certificate);  // without its fingerprint, which is its key
void write_json(std::string& out, const Certificates& certificates);
void decode(const Place& place, Certificates& out);

}  // namespace amlnet
