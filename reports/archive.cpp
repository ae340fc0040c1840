#include "reports/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>

namespace amlnet {
namespace {

using Writer = std::unique_ptr<archive, int (*)(archive*)>;
using Reader = std::unique_ptr<archive, int (*)(archive*)>;
using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

constexpr std::size_t kMostBytes = std::size_t{64} << 20, kMostBefore = std::size_t{256} << 20;
constexpr int kMostMembers = 1000;

la_ssize_t pass_on(archive*, void* sink, const void* bytes, std::size_t size) {
  (*static_cast<const TextSink*>(sink))({static_cast<const char*>(bytes), size});
  return static_cast<la_ssize_t>(size);
}

std::string problem_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text ? text : "no reason given";
}

bool put(archive* handle, const ArchiveMember& member, std::int64_t time) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), member.name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_mtime(entry.get(), time, 0);
  if (archive_write_header(handle, entry.get()) != ARCHIVE_OK) return false;
  const la_ssize_t written = archive_write_data(handle, member.content.data(), member.content.size());
  return written == static_cast<la_ssize_t>(member.content.size());
}

bool is_named(const char* path, std::string_view name) {
  const std::string_view whole(path ? path : "");
  return whole.substr(whole.rfind('/') + 1) == name;
}

/// Hands over the current member, at most `most` bytes and a piece more. Returns how many, nothing where it
/// is broken.
std::optional<std::size_t> read_content(archive* handle, std::size_t most, const TextSink& sink) {
  std::string piece(std::size_t{64} << 10, '\0');
  std::size_t total = 0;
  while (total <= most) {
    const la_ssize_t size = archive_read_data(handle, piece.data(), piece.size());
    if (size < 0) return std::nullopt;
    if (size == 0) break;
    total += static_cast<std::size_t>(size);
    sink(std::string_view(piece).substr(0, static_cast<std::size_t>(size)));
  }
  return total;
}

/// Has everything that is written go through gzip to `sink`, which must outlive the writing.
bool open_gzip(archive* handle, TextSink& sink) {
  return archive_write_add_filter_gzip(handle) == ARCHIVE_OK &&
         // else the time of writing would be in it
         archive_write_set_filter_option(handle, "gzip", "timestamp", nullptr) == ARCHIVE_OK &&
         // else zeros would fill the file up to a tape's block
         archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK &&
         archive_write_open2(handle, &sink, nullptr, pass_on, nullptr, nullptr) == ARCHIVE_OK;
}

/// What is left of an archive where one text was compressed alone.
std::variant<std::string, ArchiveError> read_alone(archive* handle) {
  std::string content;
  const auto size = read_content(handle, kMostBytes, [&](std::string_view piece) { content += piece; });
  const std::size_t begin = content.find_first_not_of(" \t\r\n");
  if (!size || begin == std::string::npos || content[begin] != '{')
    return ArchiveError{"neither a .tar.gz archive nor a compressed report, or a broken one"};
  if (*size > kMostBytes)
    return ArchiveError{fmt::format("larger than {} MiB, which no report is", kMostBytes >> 20)};
  return content;
}

}  // namespace

std::optional<std::string> write_archive(const std::vector<ArchiveMember>& members, std::int64_t time,
                                         const TextSink& sink) {
  const Writer writer(archive_write_new(), archive_write_free);
  archive* handle = writer.get();
  TextSink to = sink;
  bool good = archive_write_set_format_ustar(handle) == ARCHIVE_OK && open_gzip(handle, to);
  for (const ArchiveMember& member : members) good = good && put(handle, member, time);
  good = good && archive_write_close(handle) == ARCHIVE_OK;
  return good ? std::nullopt : std::optional("cannot make the archive: " + problem_of(handle));
}

std::optional<std::string> write_gzip(const std::function<void(const TextSink&)>& produce,
                                      const TextSink& sink) {
  const Writer writer(archive_write_new(), archive_write_free);
  archive* handle = writer.get();
  TextSink to = sink;
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  bool good = archive_write_set_format_raw(handle) == ARCHIVE_OK && open_gzip(handle, to) &&
              archive_write_header(handle, entry.get()) == ARCHIVE_OK;
  produce([&](std::string_view piece) {
    good = good &&
           archive_write_data(handle, piece.data(), piece.size()) == static_cast<la_ssize_t>(piece.size());
  });
  good = good && archive_write_close(handle) == ARCHIVE_OK;
  return good ? std::nullopt : std::optional("cannot compress: " + problem_of(handle));
}

bool is_gzip(std::string_view text) {
  return text.starts_with("\x1f\x8b");
}

std::variant<std::string, ArchiveError> read_archived(std::string_view archive, std::string_view name) {
  const Reader reader(archive_read_new(), archive_read_free);
  ::archive* handle = reader.get();
  if (archive_read_support_filter_gzip(handle) != ARCHIVE_OK ||
      archive_read_support_format_tar(handle) != ARCHIVE_OK ||
      archive_read_support_format_raw(handle) != ARCHIVE_OK ||
      archive_read_open_memory(handle, archive.data(), archive.size()) != ARCHIVE_OK)
    return ArchiveError{"not a .tar.gz archive"};
  archive_entry* entry = nullptr;
  std::size_t before = 0;
  for (int count = 0; count < kMostMembers && before < kMostBefore; ++count) {
    const int status = archive_read_next_header(handle, &entry);
    if (status == ARCHIVE_EOF) return ArchiveError{fmt::format("no {} in the archive", name)};
    if (status != ARCHIVE_OK) return ArchiveError{"not a .tar.gz archive, or a broken one"};
    if (archive_format(handle) == ARCHIVE_FORMAT_RAW) return read_alone(handle);
    const bool wanted =
        archive_entry_filetype(entry) == AE_IFREG && is_named(archive_entry_pathname(entry), name);
    std::string content;
    const std::optional<std::size_t> size =
        read_content(handle, wanted ? kMostBytes : kMostBefore - before, [&](std::string_view piece) {
          if (wanted) content += piece;
        });
    if (!size) return ArchiveError{"a broken archive"};
    if (wanted && *size > kMostBytes)
      return ArchiveError{
          fmt::format("{} is larger than {} MiB, which no report is", name, kMostBytes >> 20)};
    if (wanted) return content;
    before += *size;
  }
  return ArchiveError{fmt::format("no {} among the first members of the archive", name)};
}

}  // namespace amlnet
