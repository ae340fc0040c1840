// The parts of a report but its probes, as JSON and back (contract section 3). Used by json.cpp and
// jsonl.cpp.
#pragma once

#include "reports/model/codec.h"

namespace amlnet {

template <class C>
void members(C& codec, typename C::template of<DocLink>& link) {
  codec.must("title", link.title);
  codec.must("url", link.url);
}

template <class C>
void members(C& codec, typename C::template of<EvidenceLine>& line) {
  codec.may("probe", line.probe);
  codec.must("text", line.text);
}

template <class C>
void members(C& codec, typename C::template of<Alternative>& alternative) {
  codec.must("cause", alternative.cause);
  codec.must("text", alternative.text);
}

template <class C>
void members(C& codec, typename C::template of<Fix>& fix) {
  codec.must("summary", fix.summary);
  codec.must("steps", fix.steps);
  codec.must("docs", fix.docs);
}

template <class C>
void members(C& codec, typename C::template of<Finding>& finding) {
  codec.must("id", finding.id);
  codec.must("cause", finding.cause);
  codec.must("severity", finding.severity);
  codec.must("confidence", finding.confidence);
  codec.must("title", finding.title);
  codec.must("subject", finding.subject);
  codec.must("endpoints", finding.endpoints);
  codec.must("requirements", finding.requirements);
  codec.must("evidence", finding.evidence);
  codec.must("alternatives", finding.alternatives);
  codec.must("fix", finding.fix);
}

template <class C>
void members(C& codec, typename C::template of<DocReference>& doc) {
  codec.must("document", doc.document);
  codec.may("section", doc.section);
  codec.may("date", doc.date);
  codec.must("url", doc.url);
}

/// What a plan has of it, too.
template <class C>
void place_members(C& codec, typename C::template of<EndpointReport>& endpoint) {
  codec.must("host", endpoint.host);
  codec.may("documented_as", endpoint.documented_as);
  codec.must_port("port", endpoint.port);
  codec.must("protocol", endpoint.protocol);
}

template <class C>
void members(C& codec, typename C::template of<EndpointReport>& endpoint) {
  place_members(codec, endpoint);
  codec.must("status", endpoint.status);
  codec.may("unknown_because", endpoint.unknown_because);
  codec.may("finding", endpoint.finding);
  codec.must("probes", endpoint.probes);
}

/// What stands before its status.
template <class C>
void head_members(C& codec, typename C::template of<RequirementReport>& requirement) {
  codec.must("id", requirement.id);
  codec.must("title", requirement.title);
  codec.must("level", requirement.level);
  codec.must("direction", requirement.direction);
}

template <class C>
void reason_members(C& codec, typename C::template of<RequirementReport>& requirement) {
  codec.must("unknown_because", requirement.unknown_because);
  codec.must("because", requirement.because);
}

template <class C>
void members(C& codec, typename C::template of<RequirementReport>& requirement) {
  head_members(codec, requirement);
  codec.must("status", requirement.status);
  reason_members(codec, requirement);
  codec.must("endpoints", requirement.endpoints);
  codec.must("docs", requirement.docs);
}

template <class C>
void members(C& codec, typename C::template of<Tally>& tally) {
  codec.must_count("pass", tally.pass);
  codec.must_count("fail", tally.fail);
  codec.must_count("unknown", tally.unknown);
  codec.must_count("skipped", tally.skipped);
}

template <class C>
void members(C& codec, typename C::template of<Report::Summary>& summary) {
  codec.must("verdict", summary.verdict);
  codec.must("required", summary.required);
  codec.must("recommended", summary.recommended);
  codec.must("optional", summary.optional);
}

template <class C>
void members(C& codec, typename C::template of<LiveDifference>& difference) {
  codec.must("host", difference.host);
  codec.must("ports", difference.ports);
  codec.must("named_by", difference.named_by);
}

template <class C>
void members(C& codec, typename C::template of<LiveRequirements>& live) {
  codec.may("not_compared", live.not_compared);
  codec.must_count("listed", live.listed);
  codec.must("only_listed", live.only_listed);
  codec.must("only_planned", live.only_planned);
}

/// tool, run and node have members that are no plain fields ("catalog", null for "", an object of variables).
void write_json(std::string& out, const Report::Tool& tool);
void decode(const Place& place, Report::Tool& out);
void write_json(std::string& out, const Report::Run& run);
void decode(const Place& place, Report::Run& out);
void write_json(std::string& out, const Report::Node& node);
void decode(const Place& place, Report::Node& out);

/// What a report tells before its requirements: schema, tool, run, node, workspace, summary and findings.
void decode_head(Decoder& decoder, Report& out);

/// The workspace as an object, whatever the caller left there.
Json workspace_object(const Json& workspace);

}  // namespace amlnet
