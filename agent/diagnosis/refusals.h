// By which words the workspace's services refuse a request with a token. The run keeps nothing else of such
// an answer, which may repeat the token or hold what only the caller may see; the rules read what was kept.
#pragma once

#include <string_view>

#include "agent/diagnosis/answers.h"

namespace amlnet {

/// The words of a closed list, "" where the answer is no refusal that is known here.
std::string_view refusal_in(const HttpDetail& answer, std::string_view answerer);

/// What a kept answer means: good where the service answered and refused nothing that is known here.
AnswerKind judge_refusal(const HttpDetail& kept);

}  // namespace amlnet
