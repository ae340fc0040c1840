#include "agent/run/upload.h"

#include <asio/this_coro.hpp>
#include <csignal>

#include "agent/run/ask_service.h"
#include "agent/run/stop_listener.h"
#include "agent/run/tokens.h"

namespace amlnet {

namespace {

constexpr auto kWhole = std::chrono::hours(24);  // the caller ends it where nothing gets through
constexpr int kConnections = 8;

TokenRequest request_for(const Upload& upload) {
  TokenRequest request;
  request.http = next_request(upload);
  request.host = upload.container.host;
  request.port = upload.container.port;
  return request;
}

asio::awaitable<UploadEnd> get_storage_token(Session& session, Upload& upload) {
  const TokenProblem problem = co_await get_token_for(session, Audience::storage);
  UploadEnd end;
  if (problem == TokenProblem::none) {
    upload.token = session.tokens.at(Audience::storage);
    co_return end;
  }
  end.state = may_pass(problem) ? UploadState::try_again : UploadState::given_up;
  end.problem = session.no_token_because;
  co_return end;
}

// `upload` and `end` belong to who runs the loop.
asio::awaitable<void> send_all(Session& session, Upload& upload, UploadEnd& end) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (end.state == UploadState::going_on && !session.probes.stopped()) {
    if (upload.container.sas.empty() && upload.token.empty()) {
      end = co_await get_storage_token(session, upload);
      if (end.state != UploadState::going_on || session.probes.stopped()) break;
    }
    TokenRequest request = request_for(upload);
    const Deadline until = attempt_deadline(session, session.options.timeout);
    HttpDetail answer = co_await ask_service(session, std::move(request), until);
    answer.error = told_error(answer.error);
    if (answer.error.failure == Failure::cancelled) break;
    end = take_answer(upload, answer);
  }
}

void stop_all(Session& session) {
  for (NameserverState& server : session.servers) server.in_flight->wake_all();
  session.probes.stop();
  session.controls.stop();
}

Workspace workspace_of(const Upload& upload) {
  Workspace workspace;
  workspace.cloud = upload.container.cloud;
  return workspace;
}

}  // namespace

UploadEnd send_upload(Upload& upload, const Node& node, const RunOptions& options,
                      const std::function<void(const std::string&)>& prompt) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
  RunOptions whole = options;
  whole.deadline = std::chrono::duration_cast<Milliseconds>(kWhole);
  RunHooks hooks;
  hooks.on_prompt = prompt;
  const Plan no_plan;
  const Workspace workspace = workspace_of(upload);
  asio::io_context loop(1);
  Session session(loop, no_plan, workspace, node, whole, hooks, kConnections);
  add_servers(session);
  UploadEnd end;
  TaskGroup driver(loop.get_executor());
  std::string stopped_by;
  StopListener signals(loop, [&](const char* name) {
    stopped_by = name;
    stop_all(session);
    driver.stop();
  });
  driver.spawn(send_all(session, upload, end));
  while (!driver.empty() && loop.run_one() > 0) {
  }
  signals.end();
  stop_all(session);
  loop.run();
  if (driver.failure()) std::rethrow_exception(driver.failure());
  if (stopped_by.empty() || end.state == UploadState::done) return end;
  return {UploadState::given_up, "stopped by " + stopped_by};
}

}  // namespace amlnet
