#include "agent/run/tokens.h"

#include <fmt/format.h>

#include <array>
#include <asio/this_coro.hpp>
#include <ctime>
#include <filesystem>
#include <random>

#include "agent/identity/assertion.h"
#include "agent/identity/claims.h"
#include "agent/run/ask_service.h"
#include "agent/run/authenticated.h"
#include "agent/run/device_code.h"
#include "agent/run/pause.h"
#include "agent/workspace/read_file.h"
#include "probes/command.h"

namespace amlnet {

namespace {

constexpr auto kTokenBudget = Milliseconds(2000);  // contract section 2
constexpr std::size_t kFurther = 3;
// Of the metadata service's documented delays (0, 2, 6, 14 and 30 s) the first ones: a run cannot wait a
// minute.
constexpr std::array<Milliseconds, kFurther> kDelays{Milliseconds(0), Milliseconds(2000), Milliseconds(6000)};

Cloud cloud_of(const Session& session) {
  return session.workspace->cloud.value_or(Cloud::public_);
}

std::string random_id() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", random());
  return id;
}

TokenRequest with_certificate(const Session& session, std::string_view resource) {
  const Credentials& credentials = session.options.credentials;
  const std::string& file = credentials.certificate_file;
  const AssertionRequest wanted{credentials.client_id, token_url(cloud_of(session), credentials.tenant),
                                random_id(), std::time(nullptr)};
  const auto signed_text = sign_assertion(read_file("/", std::filesystem::absolute(file)),
                                          credentials.certificate_password, wanted);
  if (const auto* error = std::get_if<ConfigError>(&signed_text)) {
    TokenRequest request;
    request.unusable = "AZURE_CLIENT_CERTIFICATE_PATH: " + error->text;
    return request;
  }
  return ask_as_service_principal(credentials, cloud_of(session), resource,
                                  std::get<std::string>(signed_text));
}

TokenRequest request_by(const Session& session, IdentityMethod method, std::string_view resource) {
  const Credentials& credentials = session.options.credentials;
  switch (method) {
    case IdentityMethod::managed_endpoint:
      return ask_managed_endpoint(credentials, resource);
    case IdentityMethod::secret:
      return ask_as_service_principal(credentials, cloud_of(session), resource, "");
    case IdentityMethod::certificate:
      return with_certificate(session, resource);
    case IdentityMethod::device_code:
      return ask_with_refresh_token(credentials, cloud_of(session), resource, session.refresh_token);
    default:
      return ask_metadata_token(credentials, resource);
  }
}

void note_answer(IdentityDetail& detail, const TokenAnswer& answer) {
  detail.problem = name_of(answer.problem);
  detail.code = answer.code;
  if (answer.problem != TokenProblem::none) return;
  const Claims claims = read_claims(answer.token);
  detail.tenant = claims.tenant;
  detail.object_id = claims.object_id;
  if (detail.client_id.empty()) detail.client_id = claims.client_id;
  detail.expires = claims.expires ? claims.expires : answer.expires;
}

// The delay before the next attempt; nothing where the answer stands.
std::optional<Milliseconds> delay_after(const TokenAnswer& answer, int attempts) {
  const bool again = answer.problem == TokenProblem::throttled || answer.problem == TokenProblem::busy;
  if (!again || attempts > static_cast<int>(kFurther)) return std::nullopt;
  return kDelays[static_cast<std::size_t>(attempts) - 1];
}

asio::awaitable<TokenAnswer> ask_over_http(Session& session, ProbeRecord& record, TokenRequest request,
                                           IdentityMethod method) {
  TokenAnswer answer;
  HttpDetail http;
  for (record.attempts = 1;; ++record.attempts) {
    TokenRequest attempt = request;
    const Deadline until = attempt_deadline(session, kTokenBudget);
    http = co_await ask_service(session, std::move(attempt), until);
    answer = read_token_answer(method, http, std::time(nullptr));
    const auto delay = delay_after(answer, record.attempts);
    if (!delay) break;
    const bool going_on = co_await pause_for(session, *delay);
    if (!going_on) break;
  }
  note_exchange(*detail_of<IdentityDetail>(record), http);
  co_return answer;
}

asio::awaitable<TokenAnswer> ask_azure_cli(Session& session, ProbeRecord& record, std::string resource) {
  CommandSpec spec;
  spec.arguments = {"az",       "account", "get-access-token", "--resource", std::move(resource),
                    "--output", "json"};
  spec.environment = {{"AZURE_CORE_COLLECT_TELEMETRY", "0"}, {"AZURE_CORE_ONLY_SHOW_ERRORS", "1"}};
  // Started by its own wish alone it has the budget of a token; where somebody asked for it, its own time.
  const bool asked_for = session.options.identity == IdentityChoice::azure_cli;
  const Milliseconds budget = asked_for ? std::max(session.options.timeout, kTokenBudget) : kTokenBudget;
  const Deadline until = attempt_deadline(session, budget);
  auto executor = session.loop.get_executor();
  CommandResult result = co_await run_program(executor, std::move(spec), until);
  auto& detail = *detail_of<IdentityDetail>(record);
  detail.error = result.error;
  if (!result.error) co_return read_cli_answer(result.status, result.output, result.errors);
  TokenAnswer none;
  const bool missing = result.error.failure != Failure::timeout && result.error.failure != Failure::cancelled;
  none.problem = missing ? TokenProblem::unusable : TokenProblem::no_answer;
  if (missing) record.note = "no program az can be started";
  co_return none;
}

std::string target_of(const Session& session, IdentityMethod method, const TokenRequest& request) {
  if (method == IdentityMethod::azure_cli) return "az";
  if (method == IdentityMethod::device_code)
    return host_port(std::string(login_host(cloud_of(session))), 443);
  return request.host.empty() ? "MSI_ENDPOINT" : host_port(request.host, request.port);
}

void keep(Session& session, Audience audience, TokenAnswer& answer) {
  if (!answer.refresh_token.empty()) session.refresh_token = std::move(answer.refresh_token);
  session.tokens[audience] = std::move(answer.token);
  ask_noted_services(session);
}

ProbeRecord& begin_identity(Session& session, std::string target, std::string_view method,
                            Audience audience) {
  ProbeRecord& record = begin_probe(session, ProbeKind::identity, std::move(target), Purpose::control);
  record.control = "identity";
  IdentityDetail& detail = *record.detail.emplace<Boxed<IdentityDetail>>();
  detail.method = method;
  detail.audience = resource_of(audience, cloud_of(session));
  return record;
}

asio::awaitable<TokenProblem> ask_token(Session& session, IdentityMethod method, Audience audience) {
  const std::string resource(resource_of(audience, cloud_of(session)));
  const bool person = method == IdentityMethod::device_code && session.refresh_token.empty();
  TokenRequest request;
  if (method != IdentityMethod::azure_cli && !person) request = request_by(session, method, resource);
  ProbeRecord& record =
      begin_identity(session, target_of(session, method, request), name_of(method), audience);
  detail_of<IdentityDetail>(record)->client_id = request.client_id;
  record.note = request.unusable;
  TokenAnswer answer;
  answer.problem = TokenProblem::unusable;
  if (method == IdentityMethod::azure_cli)
    answer = co_await ask_azure_cli(session, record, resource);
  else if (person)
    answer = co_await ask_person(session, record, resource);
  else if (request.unusable.empty())
    answer = co_await ask_over_http(session, record, std::move(request), method);
  IdentityDetail& detail = *detail_of<IdentityDetail>(record);
  note_answer(detail, answer);
  const bool stopped = detail.error.failure == Failure::cancelled;
  const TokenProblem problem = answer.problem;
  if (problem == TokenProblem::none) keep(session, audience, answer);
  end_probe(session, record,
            problem == TokenProblem::none ? ProbeStatus::ok
            : stopped                     ? ProbeStatus::unfinished
                                          : ProbeStatus::failed);
  co_return problem;
}

// That nothing can be asked with a token, and why, has its record too: failed where somebody expects a token.
void record_none(Session& session, const std::vector<IdentityMethod>& tried) {
  ProbeRecord& record = begin_identity(session, "identity", "none", Audience::resource_manager);
  std::string ways;
  for (const IdentityMethod method : tried)
    ways += (ways.empty() ? "" : ", ") + std::string(title_of(method));
  session.no_token_because = tried.empty() ? "no identity is configured" : "no token from " + ways;
  record.note = session.no_token_because + "; authenticated probes are left out";
  const bool expected = expects_identity(session.options.identity, session.options.credentials);
  end_probe(session, record, expected ? ProbeStatus::failed : ProbeStatus::skipped);
}

// Entra ID's code for why the last question gave no token; names may have been resolved since.
std::string code_of_last_identity(const Session& session) {
  for (auto record = session.evidence.probes.rbegin(); record != session.evidence.probes.rend(); ++record)
    if (const auto* detail = detail_of<IdentityDetail>(*record)) return detail->code;
  return "";
}

}  // namespace

asio::awaitable<bool> sign_in(Session& session) {
  const RunOptions& options = session.options;
  const auto methods = methods_for(options.identity, options.credentials, session.workspace->on_azure);
  for (const IdentityMethod method : methods) {
    const TokenProblem problem = co_await ask_token(session, method, Audience::resource_manager);
    if (problem != TokenProblem::none) continue;
    session.identity = method;
    co_return true;
  }
  session.no_token_because = "--identity none";
  if (options.identity != IdentityChoice::none) record_none(session, methods);
  co_return false;
}

bool may_pass(TokenProblem problem) {
  return problem == TokenProblem::no_answer || problem == TokenProblem::throttled ||
         problem == TokenProblem::busy;
}

asio::awaitable<TokenProblem> get_token_for(Session& session, Audience audience) {
  const RunOptions& options = session.options;
  TokenProblem worst = TokenProblem::unusable;
  std::string tried;
  for (const IdentityMethod method : methods_for(options.identity, options.credentials, true)) {
    const TokenProblem problem = co_await ask_token(session, method, audience);
    if (problem == TokenProblem::none) co_return problem;
    if (!may_pass(worst)) worst = problem;
    const std::string code = code_of_last_identity(session);
    tried += fmt::format("{}{} ({}{}{})", tried.empty() ? "" : ", ", title_of(method), name_of(problem),
                         code.empty() ? "" : " ", code);
  }
  session.no_token_because = tried.empty() ? "no identity is configured" : "no token from " + tried;
  co_return worst;
}

asio::awaitable<void> get_other_tokens(Session& session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  for (const Audience audience : all_audiences()) {
    if (audience == Audience::resource_manager || !session.identity || session.probes.stopped()) continue;
    const IdentityMethod method = *session.identity;
    co_await ask_token(session, method, audience);
  }
}

}  // namespace amlnet
