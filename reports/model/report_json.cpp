#include "reports/model/report_json.h"

#include "reports/text.h"

namespace amlnet {
namespace {

constexpr std::string_view kReportSchema = "amlnet.report/1";

struct CatalogHead {
  std::string version, sha256, date;
};

template <class C>
void members(C& codec, typename C::template of<CatalogHead>& catalog) {
  codec.must("version", catalog.version);
  codec.must("sha256", catalog.sha256);
  codec.may("date", catalog.date);
}

template <class C>
void plain_members(C& codec, typename C::template of<Report::Run>& run) {
  codec.must("id", run.id);
  codec.must("started", run.started);
  codec.must("finished", run.finished);
  codec.must("duration_ms", run.duration_ms);
  codec.must("complete", run.complete);
  codec.must("attempt", run.attempt);
  codec.may("concurrency", run.concurrency);
}

template <class C>
void plain_members(C& codec, typename C::template of<Report::Node>& node) {
  codec.must("hostname", node.hostname);
  codec.must("os", node.os);
  codec.must("kernel", node.kernel);
  codec.must("region", node.region);
  codec.must("vm_size", node.vm_size);
  codec.must("interfaces", node.interfaces);
  codec.must("resolvers", node.resolvers);
  codec.must("search_domains", node.search_domains);
  codec.may("clock_offset_ms", node.clock_offset_ms);
  codec.may("on_azure", node.on_azure);
  codec.may("default_route", node.default_route);
  codec.may("resolver_defaulted", node.resolver_defaulted);
  codec.may("conntrack_count", node.conntrack_count);
  codec.may("conntrack_max", node.conntrack_max);
}

}  // namespace

void write_json(std::string& out, const Report::Tool& tool) {
  Encoder encoder(out);
  encoder.must("name", std::string("amlnet"));
  encoder.must("version", tool.version);
  encoder.must("catalog", CatalogHead{tool.catalog_version, tool.catalog_sha256, tool.catalog_date});
  encoder.close();
}

void decode(const Place& place, Report::Tool& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  std::string name;
  CatalogHead catalog;
  decoder.must("name", name);
  decoder.must("version", out.version);
  decoder.must("catalog", catalog);
  decoder.finish();
  if (name != "amlnet") place.wrong("name: expected \"amlnet\"");
  out.catalog_version = catalog.version;
  out.catalog_sha256 = catalog.sha256;
  out.catalog_date = catalog.date;
}

void write_json(std::string& out, const Report::Run& run) {
  Encoder encoder(out);
  plain_members(encoder, run);
  std::optional<std::string> because;
  if (!run.incomplete_because.empty()) because = run.incomplete_because;
  encoder.must("incomplete_because", because);
  encoder.close();
}

void decode(const Place& place, Report::Run& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  plain_members(decoder, out);
  std::optional<std::string> because;
  decoder.must("incomplete_because", because);
  out.incomplete_because = because.value_or("");
  decoder.finish();
}

void write_json(std::string& out, const Report::Node& node) {
  Encoder encoder(out);
  plain_members(encoder, node);
  Json proxy = Json::object();
  for (const auto& [variable, value] : node.proxy) proxy[variable] = value;
  encoder.must("proxy", proxy);
  encoder.close();
}

void decode(const Place& place, Report::Node& out) {
  Decoder decoder(place);
  if (place.failed()) return;
  plain_members(decoder, out);
  out.proxy.clear();
  if (const Json* json = decoder.find("proxy", true)) {
    const Place proxy{*json, place.error, &place, "proxy"};
    if (!json->is_object()) return proxy.expected("an object");
    for (const auto& [variable, value] : json->get_ref<const Json::object_t&>()) {
      decode(Place{value, place.error, &proxy, variable}, out.proxy.emplace_back(variable, "").second);
    }
  }
  decoder.finish();
}

void decode_head(Decoder& decoder, Report& out) {
  const Place& place = decoder.place();
  std::string schema;
  decoder.must("schema", schema);
  if (!place.failed() && schema != kReportSchema) {
    place.wrong("schema: expected \"amlnet.report/1\", got \"" + shortened(escaped(schema), 40, "...") + '"');
  }
  decoder.must("tool", out.tool);
  decoder.must("run", out.run);
  decoder.must("node", out.node);
  if (const Json* workspace = decoder.find("workspace", true)) {
    if (!workspace->is_object()) place.wrong("workspace: expected an object");
    out.workspace = *workspace;
  }
  decoder.must("summary", out.summary);
  decoder.must("findings", out.findings);
}

Json workspace_object(const Json& workspace) {
  return workspace.is_object() ? workspace : Json::object();
}

}  // namespace amlnet
