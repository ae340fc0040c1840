// The report as one HTML file, for a browser or an attachment: verdict, a drawing of the path, findings,
// every requirement, a timeline, what the probes saw, and the documentation behind it. It asks for nothing
// from anywhere, can be read without scripts, and carries a policy that lets no other style or script run.
// Used by check and show.
#pragma once

#include "reports/file.h"
#include "reports/model/report.h"

namespace amlnet {

/// Hands the page over piece by piece. What failed has its evidence in full, what passed a row.
void write_html(const Report& report, const TextSink& sink);

}  // namespace amlnet
