#include "agent/run/device_code.h"

#include <ctime>

#include "agent/run/ask_service.h"
#include "agent/run/pause.h"

namespace amlnet {

namespace {

constexpr auto kOneAnswer = Milliseconds(5000);

// Nothing of the words of an error: each of these answers has a code in it.
void note_address(ProbeRecord& record, const HttpDetail& http) {
  auto& detail = *detail_of<IdentityDetail>(record);
  note_exchange(detail, http);
  detail.error.text.clear();
}

}  // namespace

asio::awaitable<TokenAnswer> ask_person(Session& session, ProbeRecord& record, std::string resource) {
  const Cloud cloud = session.workspace->cloud.value_or(Cloud::public_);
  TokenRequest request = ask_device_code(session.options.credentials, cloud, resource);
  Deadline until = attempt_deadline(session, kOneAnswer);
  HttpDetail http = co_await ask_service(session, std::move(request), until);
  note_address(record, http);
  const auto code = read_device_code(http);
  TokenAnswer answer = read_token_answer(IdentityMethod::device_code, http, std::time(nullptr));
  if (!code) co_return answer;
  if (session.hooks.on_prompt)
    session.hooks.on_prompt("to sign in, open " + code->url + " and enter the code " + code->user_code);
  const Deadline expiry = Clock::now() + std::chrono::seconds(code->expires_s);
  auto interval = Milliseconds(1000 * code->interval_s);
  for (record.attempts = 1; Clock::now() < expiry; ++record.attempts) {
    const bool going_on = co_await pause_for(session, interval);
    if (!going_on) break;
    TokenRequest again = ask_with_device_code(session.options.credentials, cloud, code->device_code);
    until = attempt_deadline(session, kOneAnswer);
    http = co_await ask_service(session, std::move(again), until);
    note_address(record, http);
    answer = read_token_answer(IdentityMethod::device_code, http, std::time(nullptr));
    if (!answer.pending) break;
    if (answer.slower) interval += Milliseconds(5000);  // RFC 8628 section 3.5
  }
  co_return answer;
}

}  // namespace amlnet
