// What other programs' trust stores say, added to the handshakes of a run that has ended.
#pragma once

#include "agent/run/session.h"

namespace amlnet {

/// To the first handshake of each issuer. Waits for the stores' files a second, and hardly beyond the run's
/// deadline.
void ask_program_stores(Session& session);

}  // namespace amlnet
