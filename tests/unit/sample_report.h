// Reports that the tests of the writers share.
#pragma once

#include "reports/model/report.h"

namespace amlnet {

/// Every field of every structure differs from its default.
Report full_report();

/// The example of the documentation: a zone that is not linked and a port that is silent, on a compute
/// instance.
Report failing_report();
/// All pass.
Report healthy_report();
/// A laptop: no workspace known, not an Azure machine, rows that wait for facts.
Report foreign_report();
/// Stopped by its deadline before it was done.
Report incomplete_report();

/// failing_report() with `evil` wherever a report can hold text that came from a network or from its sender.
Report hostile_report(const std::string& evil);

/// `endpoints` healthy TLS endpoints with DNS, TCP, TLS and HTTP evidence as a real run has it.
Report large_report(int endpoints);
/// The same, `failed` of them broken: a certificate that the node does not trust, behind one finding.
Report partly_broken_report(int endpoints, int failed);

}  // namespace amlnet
