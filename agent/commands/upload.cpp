#include "agent/commands/upload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "agent/catalog/words.h"
#include "agent/commands/outputs.h"
#include "agent/commands/prepare.h"
#include "agent/run/stop_signals.h"
#include "agent/run/upload.h"
#include "agent/workspace/environment.h"
#include "agent/workspace/read_file.h"
#include "reports/archive.h"

namespace amlnet {
namespace {

constexpr std::size_t kLargest = std::size_t{256} << 20;
constexpr auto kFirstPause = Milliseconds(1000), kLongestPause = Milliseconds(15000);
constexpr int kAttemptTimeouts = 6;  // a block is more than a probe

using OpenFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

std::variant<std::string, ConfigError> content_of(const std::string& path, std::size_t most) {
  const std::string shown = printable(path, 4096);
  const OpenFile file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return ConfigError{fmt::format("{}: cannot read: {}", shown, std::strerror(errno))};
  std::string content = read_up_to(file.get(), most + 1);
  if (std::ferror(file.get()) != 0)
    return ConfigError{fmt::format("{}: cannot read: {}", shown, std::strerror(errno))};
  if (content.size() > most)
    return ConfigError{fmt::format("{}: larger than {} MiB, which no bundle is", shown, most >> 20)};
  return content;
}

RunOptions upload_options(const CheckOptions& options, const Node& node) {
  RunOptions run;
  run.timeout = options.timeout * kAttemptTimeouts;
  run.dns_timeout = std::min(run.dns_timeout, options.timeout);
  run.nameservers = options.resolvers.empty() ? node.resolver.nameservers : options.resolvers;
  run.ca_file = options.ca_file;
  run.proxies = proxies_for(options, node);
  run.identity = options.identity;
  run.credentials = read_credentials(environment());
  return run;
}

std::string progress_of(const Upload& upload) {
  return fmt::format("{} of {} blocks are there", blocks_there(upload), upload.blocks.size());
}

// Until it is done, given up, or nothing gets through for --deadline. Each attempt begins with the resolver
// that the node has then.
UploadEnd send_with_retries(const CheckOptions& options, Upload& upload) {
  Milliseconds pause = kFirstPause;
  auto last_progress = Clock::now();
  for (std::size_t before = 0;;) {
    const Node node = read_node();
    UploadEnd end = send_upload(upload, node, upload_options(options, node),
                                [](const std::string& text) { say(0, text); });
    if (end.state != UploadState::try_again) return end;
    if (blocks_there(upload) > before) {
      before = blocks_there(upload);
      last_progress = Clock::now();
      pause = kFirstPause;
    }
    if (Clock::now() + pause > last_progress + options.deadline) return end;
    if (options.verbosity >= 0)
      say(0, fmt::format("upload: {}; {}, again in {} s", end.problem, progress_of(upload),
                         pause.count() / 1000));
    const std::string signal = sleep_until_stopped(pause);
    if (!signal.empty()) return {UploadState::given_up, "stopped by " + signal};
    pause = std::min(pause * 2, kLongestPause);
  }
}

int say_uploaded(const CheckOptions& options, const Upload& upload) {
  std::string how = fmt::format("{} bytes", upload.content.size());
  if (upload.existed)
    how = "it was there already";
  else if (upload.found > 0)
    how += fmt::format(", {} of {} blocks from an earlier upload", upload.found, upload.blocks.size());
  const std::string line = fmt::format("uploaded {}/{} ({})\n", printable(upload.container.shown, 4096),
                                       printable(upload.blob, 256), how);
  if (options.verbosity >= 0 && !print_text(line)) return say(4, "cannot write to standard output");
  return 0;
}

int send_content(const CheckOptions& options, const std::string& path, std::string content) {
  auto read = read_container_url(options.upload);
  if (const auto* error = std::get_if<ConfigError>(&read)) return say(2, "--upload: " + error->text);
  hold_stop_signals();
  Upload upload = begin_upload(std::get<BlobContainer>(std::move(read)), path, std::move(content));
  const UploadEnd end = send_with_retries(options, upload);
  if (end.state == UploadState::done) return say_uploaded(options, upload);
  return say(1, fmt::format("not uploaded to {}: {}; {}. The bundle is kept, and amlnet bundle --report {} "
                            "--upload URL goes on from there",
                            printable(upload.container.shown, 4096), end.problem, progress_of(upload),
                            printable(path, 4096)));
}

}  // namespace

std::optional<ConfigError> cannot_upload(const CheckOptions& options) {
  if (options.upload.empty() || options.upload.find('?') != std::string::npos) return std::nullopt;
  if (!methods_for(options.identity, read_credentials(environment()), true).empty()) return std::nullopt;
  return ConfigError{
      "--upload: the URL has no SAS, and no identity is configured that could give a token; expected a SAS "
      "in the URL, or --identity managed, service-principal, azure-cli or device-code"};
}

std::optional<std::string> read_bundle(const std::string& path) {
  if (path.empty()) return std::nullopt;
  auto content = content_of(path, kLargest);
  const auto* text = std::get_if<std::string>(&content);
  if (!text || !is_gzip(*text)) return std::nullopt;
  if (!std::holds_alternative<std::string>(read_archived(*text, "manifest.json"))) return std::nullopt;
  return std::get<std::string>(std::move(content));
}

int upload_packed(const CheckOptions& options, std::string content) {
  if (options.redaction != "secrets" || !options.bundle.empty())
    return say(2,
               fmt::format("{}: is a bundle already and goes as it is; expected --redact and --output only "
                           "with a report",
                           printable(options.report, 4096)));
  return send_content(options, options.report, std::move(content));
}

int upload_file(const CheckOptions& options, const std::string& path) {
  auto content = content_of(path, kLargest);
  if (const auto* error = std::get_if<ConfigError>(&content)) return say(1, error->text);
  if (!is_gzip(std::get<std::string>(content)))
    return say(1, fmt::format("not uploaded: {} is no bundle: what was read from it is not gzip",
                              printable(path, 4096)));
  return send_content(options, path, std::get<std::string>(std::move(content)));
}

}  // namespace amlnet
