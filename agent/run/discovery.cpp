#include "agent/run/discovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cctype>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "agent/identity/audience.h"
#include "agent/run/ask_service.h"
#include "agent/run/tokens.h"
#include "agent/workspace/earlier_facts.h"
#include "agent/workspace/resource_manager.h"

namespace amlnet {

namespace {

constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);
constexpr auto kResourceManagerBudget = Milliseconds(3000);  // contract section 2
constexpr std::size_t kLargestResource = std::size_t{1} << 20;

TokenRequest request_for_resource(const Session& session, const std::string& path) {
  TokenRequest request;
  request.host = resource_manager_host(session.workspace->cloud.value_or(Cloud::public_));
  request.port = 443;
  request.http.url = "https://" + request.host + path;
  request.http.headers = {{"Authorization", "Bearer " + session.tokens.at(Audience::resource_manager)},
                          {"Accept", "application/json"}};
  request.http.body_limit = kLargestResource;
  request.http.verified = true;
  return request;
}

// Resource Manager's own word for a refusal, "AuthorizationFailed"; "" for anything that does not look like
// one.
std::string error_code_of(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const auto pointer = nlohmann::json::json_pointer("/error/code");
  if (!json.is_object() || !json.contains(pointer) || !json.at(pointer).is_string()) return "";
  const std::string code = json.at(pointer).get<std::string>();
  const bool word = std::ranges::all_of(code, [](unsigned char c) { return c < 0x80 && std::isalpha(c); });
  return word && code.size() <= 60 ? code : "";
}

// One resource, or why there is none, in words that may be shown.
struct ResourceAnswer {
  std::string json, problem;
  bool silent = false;  // nothing was said of the resource
};

std::string problem_of(const HttpDetail& http, const std::string& code) {
  if (http.status == 0) return "Resource Manager does not answer";
  if (http.body_truncated) return "Resource Manager's answer is too large";
  return fmt::format("Resource Manager answers HTTP {}{}{}", http.status, code.empty() ? "" : " ", code);
}

// Of the exchange its outcome is kept, and no header or body.
asio::awaitable<ResourceAnswer> read_resource(Session& session, std::string path, Deadline until) {
  TokenRequest request = request_for_resource(session, path);
  ProbeRecord& record =
      begin_probe(session, ProbeKind::http, host_port(request.host, request.port), Purpose::control);
  record.control = "resource-manager";
  HttpDetail detail = co_await ask_service(session, std::move(request), until);
  ResourceAnswer answer;
  answer.json = std::move(detail.body.data);
  answer.silent = detail.error || is_silence(detail.status);
  detail.body.data.clear();
  detail.headers.clear();
  if (detail.status != 200 || detail.body_truncated) {
    if (detail.status != 0) record.note = error_code_of(answer.json);
    answer.problem = problem_of(detail, record.note);
    answer.json.clear();
  }
  const ProbeStatus status = status_of(detail.error);
  record.detail = std::move(detail);
  end_probe(session, record, status);
  co_return answer;
}

// Endpoints that the longer plan has beside those that are being probed.
void extend_plan(Session& session) {
  const auto key = [](const Endpoint& e) { return std::tie(e.host, e.port, e.protocol); };
  std::set<std::tuple<std::string, std::uint16_t, Protocol>> known;
  for (const Endpoint* endpoint : session.endpoints) known.insert(key(*endpoint));
  for (const Endpoint& endpoint : session.plan->endpoints)
    if (known.insert(key(endpoint)).second) session.endpoints.push_back(&endpoint);
}

// Before the first probe the plan is simply another one.
void take_facts(Session& session, Workspace found) {
  session.found_workspace = std::move(found);
  session.workspace = &*session.found_workspace;
  if (!session.options.replan) return;
  session.found_plan = session.options.replan(*session.workspace);
  session.plan = &*session.found_plan;
  if (session.next_endpoint == 0) session.endpoints.clear();
  extend_plan(session);
}

asio::awaitable<void> read_workspace(Session& session) {
  Workspace found = session.options.now_known.value_or(*session.workspace);
  const ResourceQuery first = workspace_query(found);
  const bool wanted = session.options.read_resources && resource_manager_could_help(found);
  if (first.path.empty() || !wanted) co_return;
  const Deadline until = attempt_deadline(session, kResourceManagerBudget);
  std::deque<ResourceQuery> left{first};
  std::set<ResourceKind> silent;
  while (!left.empty() && Clock::now() < until && !session.probes.stopped()) {
    const ResourceQuery query = left.front();
    left.pop_front();
    std::string path = query.path;
    const ResourceAnswer answer = co_await read_resource(session, std::move(path), until);
    if (answer.silent) silent.insert(query.kind);
    for (ResourceQuery& next : apply_resource(found, query, answer.json)) left.push_back(std::move(next));
  }
  for (const ResourceQuery& unasked : left) silent.insert(unasked.kind);
  recall_resource_facts(found, *session.workspace, silent);
  if (found.sources != session.workspace->sources) take_facts(session, std::move(found));
}

// The workspace's own list of dependencies, beside the probes: nothing waits for it but the report.
asio::awaitable<void> fetch_live_list(Session& session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  LiveList& list = *session.live_list;
  std::string path = live_list_path(*session.workspace);
  if (path.empty()) {
    list.not_fetched = "subscription, resource group and name of the workspace are not all known";
    co_return;
  }
  const Deadline until = attempt_deadline(session, kResourceManagerBudget);
  const ResourceAnswer answer = co_await read_resource(session, std::move(path), until);
  auto hosts = read_live_list(answer.json);
  if (hosts) list = {std::move(*hosts), ""};
  if (!hosts)
    list.not_fetched =
        answer.problem.empty() ? "Resource Manager's answer is no list of hosts" : answer.problem;
}

}  // namespace

asio::awaitable<void> discover(Session& session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool signed_in = co_await sign_in(session);
  if (session.live_list && !signed_in)
    session.live_list->not_fetched = "no identity gave a token for Resource Manager";
  if (signed_in) {
    if (!session.options.discover_only) session.probes.spawn(get_other_tokens(session));
    co_await read_workspace(session);
    if (session.live_list) session.probes.spawn(fetch_live_list(session));
  }
  settle_discovery(session);
}

asio::awaitable<void> wait_for_discovery(Session& session, Deadline until) {
  if (session.discovery_settled) co_return;
  session.discovery.expires_at(until);
  co_await session.discovery.async_wait(kTuple);
}

void settle_discovery(Session& session) {
  session.discovery_settled = true;
  session.discovery.cancel();
}

}  // namespace amlnet
