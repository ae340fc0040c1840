#include "reports/bundle.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/bundle_canaries.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/markdown.h"
#include "reports/model/base64.h"
#include "reports/model/document.h"
#include "reports/redact_report.h"

namespace amlnet {
namespace {

std::string sha256_of(std::string_view content) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string lines_of(const Report& report) {
  std::string lines = jsonl_run(report);
  for (const ProbeRecord& probe : report.probes) lines += jsonl_probe(probe);
  for (const Finding& finding : report.findings) lines += jsonl_finding(finding);
  return lines + jsonl_summary(report);
}

std::string html_of(const Report& report) {
  std::string page;
  write_html(report, [&](std::string_view piece) { page += piece; });
  return page;
}

std::string environment_text(Redactor& redactor, const BundleInput& input) {
  std::string text;
  for (const auto& [name, value] : input.environment)
    text += name + '=' + (names_a_secret(name) ? std::string(kRemoved) : redactor.text(value)) + '\n';
  return text;
}

std::vector<BundleText> texts_of(Redactor& redactor, const BundleInput& input, const Report& report) {
  std::vector<BundleText> texts{
      {"report.json", "the report, amlnet.report/1; amlnet show and diagnose read it", report_json(report)},
      {"report.html", "the report for a browser", html_of(report)},
      {"report.md", "the report for a ticket", markdown_report(report, true)},
      {"plan.json", "what was to be probed and why, amlnet.plan/1", plan_json(report)},
      {"log.jsonl", "the probes of the run, a line each", lines_of(report)}};
  if (!input.environment.empty())
    texts.push_back({"environment.txt", "variables that matter here; no others were read",
                     environment_text(redactor, input)});
  for (const BundleText& one : input.texts) texts.push_back({one.name, one.what, redactor.text(one.content)});
  return texts;
}

std::string manifest(const BundleInput& input, const BundleRules& rules, const Redactor& redactor,
                     const std::vector<BundleText>& texts) {
  Json files = Json::array(), missing = Json::array();
  for (const BundleText& one : texts)
    files.push_back({{"name", one.name},
                     {"what", one.what},
                     {"bytes", one.content.size()},
                     {"sha256", sha256_of(one.content)}});
  for (const auto& [what, why] : input.left_out) missing.push_back({{"what", what}, {"why", why}});
  const auto replaced = [](bool wanted, std::size_t count) { return wanted ? Json(count) : Json(); };
  const Json whole{
      {"schema", "amlnet.bundle/1"},
      {"tool", {{"name", "amlnet"}, {"version", AMLNET_VERSION}}},
      {"made", rules.made},
      {"redaction", rules.redaction},
      {"secrets_removed", redactor.secrets()},
      {"names_replaced", replaced(redactor.what().names, redactor.names())},
      {"addresses_replaced", replaced(redactor.what().addresses, redactor.addresses())},
      {"notes", Json::array({"secrets are never recorded in a report; those counted here stood in texts",
                             "a pseudonym is the same in all files of this bundle, and another in any other",
                             "names of organizations in certificates are not replaced",
                             "comments of resolv.conf and hosts are left out"})},
      {"files", std::move(files)},
      {"left_out", std::move(missing)}};
  std::string out;
  print(out, compact(whole), 0);
  return out + '\n';
}

Redaction redaction_of(const std::string& word) {
  return {word == "names" || word == "all", word == "addresses" || word == "all"};
}

std::variant<Bundle, BundleError> made_of(const BundleInput& input, const BundleRules& rules) {
  Redactor redactor(redaction_of(rules.redaction), rules.key, rules.public_names);
  for (const std::string& secret : input.secrets) redactor.learn_secret(secret);
  learn_names(redactor, input.report);
  const std::optional<Report> report = redacted(redactor, input.report);
  if (!report) return BundleError{"the redacted report would not be a valid one"};
  const std::vector<BundleText> texts = texts_of(redactor, input, *report);
  Bundle bundle;
  const auto add = [&](const std::string& name, std::string content) {
    bundle.members.push_back({rules.folder + '/' + name, std::move(content)});
  };
  add("manifest.json", manifest(input, rules, redactor, texts));
  for (const BundleText& one : texts) add(one.name, one.content);
  bundle.secrets = redactor.secrets();
  bundle.names = redactor.names();
  bundle.addresses = redactor.addresses();
  return bundle;
}

/// The part of base64 text that `data` becomes wherever it begins `offset` bytes after a group of three.
std::string base64_inside(std::string_view data, std::size_t offset) {
  const std::string shifted = std::string(offset, '\0') + std::string(data);
  std::string text = base64_encoded(std::string_view(shifted).substr(0, shifted.size() / 3 * 3));
  return offset == 0 ? text : text.substr(4);
}

std::optional<BundleError> survivor(const Bundle& bundle, const std::vector<std::string>& hidden,
                                    std::string_view what) {
  for (const ArchiveMember& member : bundle.members) {
    for (const std::string& one : hidden) {
      if (survives(member.content, one) || survives(member.name, one))
        return BundleError{fmt::format("{} would be in {}; no bundle was written", what, member.name)};
    }
  }
  return std::nullopt;
}

}  // namespace

bool survives(std::string_view content, std::string_view secret) {
  if (content.find(secret) != std::string_view::npos) return true;
  for (std::size_t offset = 0; offset < 3 && secret.size() >= 8; ++offset) {
    if (content.find(base64_inside(secret, offset)) != std::string_view::npos) return true;
  }
  return false;
}

std::variant<Bundle, BundleError> make_bundle(const BundleInput& input, const BundleRules& rules) {
  const Redaction what = redaction_of(rules.redaction);
  const Canaries canaries = canaries_for(rules.key, what);
  const auto trial = made_of(planted(input, canaries), rules);
  if (const auto* error = std::get_if<BundleError>(&trial)) return *error;
  if (auto error = survivor(std::get<Bundle>(trial), canaries.hidden, "a canary")) return *error;
  auto bundle = made_of(input, rules);
  if (Bundle* made = std::get_if<Bundle>(&bundle)) {
    std::vector<std::string> long_secrets;
    for (const std::string& secret : input.secrets)
      if (secret.size() >= 6) long_secrets.push_back(secret);
    if (auto error = survivor(*made, long_secrets, "a secret of the environment")) return *error;
  }
  return bundle;
}

}  // namespace amlnet
