// Sentences with the facts of one probe in them, for the evidence of findings. Words are used as people who
// know networks use them: "silent" for no answer, "refused" for a reset, "rejected by 10.0.1.1" for an ICMP
// error.
#pragma once

#include <string>
#include <string_view>

#include "agent/diagnosis/case.h"

namespace amlnet {

/// "10.0.2.5:8787 is silent (5000 ms, 3 SYNs repeated)".
std::string describe_connect(const ProbeRecord& record);
/// "20.60.1.1:443 closed the connection after the server name x, without a byte of TLS".
std::string describe_handshake(const TlsDetail& tls);
/// "https://x/ answers HTTP 403: ...".
std::string describe_answer(const HttpDetail& http);
/// The last probe of the trail's decisive address, or its DNS where it failed there.
std::string describe_trail(const Case& c, const Trail& trail);
/// Says where programs are led in place of a documented name that has no address, where they are.
void say_detour(const Case& c, Draft& draft, const Trail& trail);
/// The probe that describe_trail quotes.
const ProbeRecord* probe_of(const Trail& trail);

/// Whether the address itself answered the SYN, be it by a reset. An ICMP error may be anybody's.
bool accepts_or_refuses(const TcpDetail& tcp);

/// Whether a handshake like the trail's came as far as the certificate in small segments (a follow-up).
bool passes_in_small_segments(const Case& c, const Trail& trail);

/// "20.60.1.1, 20.60.1.2 and 3 more".
std::string joined(const std::vector<std::string>& items, std::size_t most = 4);

/// "host:port" of the proxy or address in the words of an error: "silent", "refused", ...
std::string_view words_of(Failure failure);

}  // namespace amlnet
