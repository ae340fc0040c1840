// How far SYNs of limited life came on their way to a silent address (follow-up "hop"). Used by the rules for
// silence: it names the last router that answers, never the device that drops.
#pragma once

#include "agent/diagnosis/case.h"

namespace amlnet {

/// Adds the sentence about the last router that answered on the way to the trail's address; nothing where the
/// way was not traced, or where the address itself answered.
void say_last_hop(const Case& c, Draft& draft, const Trail& trail);

}  // namespace amlnet
