// Archives as support bundles are, .tar.gz, and texts compressed alone, .gz, over libarchive, in memory. Used
// by the commands that write bundles and reports and that read reports. What is read is hostile input.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/file.h"

namespace amlnet {

struct ArchiveMember {
  std::string name;  // "amlnet-bundle/report.json"
  std::string content;
};

/// Writes members as files of mode 0600, root's, last changed at `time` (seconds since the epoch). The same
/// members give the same bytes. Returns what went wrong.
std::optional<std::string> write_archive(const std::vector<ArchiveMember>& members, std::int64_t time,
                                         const TextSink& sink);

/// Writes what `produce` hands over, compressed. The same text gives the same bytes. Returns what went wrong.
std::optional<std::string> write_gzip(const std::function<void(const TextSink&)>& produce,
                                      const TextSink& sink);

/// Whether `text` begins as gzip does (RFC 1952 section 2.3.1).
bool is_gzip(std::string_view text);

struct ArchiveError {
  std::string text;  // "no report.json in the archive"
};
/// The first file of that name, in whatever folder; or the whole, where a report (JSON) was compressed alone.
/// Bounds: 64 MiB of it, 256 MiB and 1,000 members before it.
std::variant<std::string, ArchiveError> read_archived(std::string_view archive, std::string_view name);

}  // namespace amlnet
