#include "agent/plan/inbound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace amlnet {
namespace {

struct DocumentedPort {
  std::uint16_t port;
  std::string_view requirement;
};

// The rows of the catalog that are about one port each; their words name it.
constexpr std::array<DocumentedPort, 4> kDocumented = {
    {{29876, "in.batch.29876"}, {29877, "in.batch.29876"}, {44224, "in.aml.44224"}, {22, "in.ssh.22"}}};

// It says which traffic within the VNet must pass: any port.
constexpr std::string_view kBetweenNodes = "in.batch.29876";

const Requirement* row_of(const Catalog& catalog, std::string_view id) {
  const auto found = std::ranges::find(catalog.requirements, id, &Requirement::id);
  return found == catalog.requirements.end() ? nullptr : &*found;
}

std::string why(const Requirement& row) {
  std::string because = "tested from this node";
  if (!row.service_tag.empty())
    because += fmt::format("; a rule for the service tag {} is not, since no node has an address of it",
                           row.service_tag);
  if (!documented_on(row, "")) {
    because += fmt::format("; no longer documented since {}", row.until);
    if (!row.replaced_by.empty()) because += fmt::format(", {} took its place", row.replaced_by);
  }
  return because;
}

PlannedRequirement documented(const Requirement& row, bool named) {
  PlannedRequirement planned;
  planned.id = row.id;
  planned.title = row.title;
  planned.level = named ? Level::required : documented_on(row, "") ? row.level : Level::optional;
  planned.service_tag = row.service_tag;
  planned.breaks = row.breaks;
  planned.fix = row.fix;
  planned.verify = row.verify;
  planned.docs = row.docs;
  planned.because = why(row);
  return planned;
}

PlannedRequirement between_nodes(const Catalog& catalog, const Endpoint& endpoint) {
  PlannedRequirement planned;
  planned.id = fmt::format("custom.inbound:{}", endpoint.port);
  planned.title = fmt::format("Traffic between nodes, port {}", endpoint.port);
  planned.service_tag = "VirtualNetwork";
  planned.breaks = fmt::format("What runs on both nodes cannot talk on port {}.", endpoint.port);
  planned.fix = fmt::format("Allow TCP {} from the service tag VirtualNetwork to the subnet of {}.",
                            endpoint.port, endpoint.host);
  planned.because = "asked for by --ports; the documentation wants every port open within the VNet";
  const Requirement* row = row_of(catalog, kBetweenNodes);
  if (row && !row->docs.empty()) planned.docs = {row->docs.front()};
  return planned;
}

Endpoint endpoint_at(const std::string& host, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.host = host;
  endpoint.port = port;
  endpoint.protocol = Protocol::http;
  endpoint.origin = Origin::custom;
  endpoint.answerer = kListenAnswerer;
  return endpoint;
}

}  // namespace

bool is_inbound(const Endpoint& endpoint) {
  return endpoint.answerer == kListenAnswerer;
}

std::vector<std::uint16_t> documented_inbound_ports() {
  std::vector<std::uint16_t> ports;
  for (const DocumentedPort& one : kDocumented) ports.push_back(one.port);
  return ports;
}

std::string inbound_requirement(std::uint16_t port) {
  const auto found = std::ranges::find(kDocumented, port, &DocumentedPort::port);
  return found == kDocumented.end() ? "" : std::string(found->requirement);
}

Plan plan_inbound(const Catalog& catalog, const std::string& host, const std::vector<std::uint16_t>& ports,
                  bool named) {
  Plan plan;
  for (const std::uint16_t port : ports) {
    const Requirement* row = row_of(catalog, inbound_requirement(port));
    plan.endpoints.push_back(endpoint_at(host, port));
    PlannedRequirement planned =
        row ? documented(*row, named) : between_nodes(catalog, plan.endpoints.back());
    const auto same = std::ranges::find(plan.requirements, planned.id, &PlannedRequirement::id);
    const EndpointUse use{plan.endpoints.size() - 1, "", ""};
    if (same != plan.requirements.end()) {
      same->uses.push_back(use);
      continue;
    }
    planned.direction = "inbound";
    planned.applies = true;
    planned.uses.push_back(use);
    plan.requirements.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace amlnet
