// What storage means by an answer, in words for people. The answer may repeat what was sent, so of it only
// the status and a code that looks like one go any further. Used by upload.cpp.
#pragma once

#include <string>

#include "probes/record.h"

namespace amlnet {

/// Storage's own code for an error, "AuthorizationFailure"; "" where it gives none.
/// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
std::string storage_code(const HttpDetail& answer);

/// Whether the answer comes from storage, and not from something on the way: it has an id of storage's.
bool is_of_storage(const HttpDetail& answer);

/// Statuses that a later attempt may change.
bool is_passing_status(long status);

/// Errors of the exchange itself that no later attempt changes.
bool is_final(const WireError& error);

/// "403 AuthorizationFailure: the account's network rules refuse this node". `with_sas`: what was refused is
/// a SAS, not a token.
std::string storage_problem(const HttpDetail& answer, bool with_sas);

}  // namespace amlnet
