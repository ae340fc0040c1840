// What the answer to an upgrade to WebSocket shows, given that the same host answers ordinary requests. Used
// when trails are read and by the rule of WebSocket.
#pragma once

#include "agent/diagnosis/case.h"

namespace amlnet {

enum class UpgradeKind {
  good,       // the server switched, or refused in a way that only the upgrade can have brought about
  not_shown,  // the service's own refusal, the same as to an ordinary request: the upgrade may have arrived
              // or not
  stripped,   // the server says that it saw no upgrade
  ignored,    // the server answers as if none had been asked for
  broken,     // no answer, or one that the service does not give
};

/// `plain` is the answer to an ordinary request for the same page, null where there is none.
UpgradeKind judge_upgrade(const HttpDetail& upgrade, const HttpDetail* plain, const Endpoint& endpoint);

/// How the upgrade of one address ended.
Progress progress_of_upgrade(const Case& c, const Endpoint& endpoint, const AddressTrail& row);

/// The ordinary request that was sent after this upgrade; null where there was none.
const ProbeRecord* plain_get_after(const Case& c, const ProbeRecord& upgrade);

}  // namespace amlnet
