// A probe's record as labelled lines of plain, unescaped text. Used by evidence.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "probes/record.h"

namespace amlnet {

using EvidenceRows = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// All that the record says; what is empty is left out.
EvidenceRows evidence_rows(const ProbeRecord& probe, const Certificates& certificates);

/// The most telling fact of a probe, in a few words.
std::string evidence_in_short(const ProbeRecord& probe, const Certificates& certificates);

}  // namespace amlnet
