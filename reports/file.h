// Writes a report file so that a reader never sees half of one: a temporary file beside it, synced, then
// renamed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace amlnet {

/// Replaces `path` with `content`, creating it with `mode`. On failure (full disk, unwritable path) the old
/// file is untouched, nothing is left behind, and the reason is returned: "cannot write /x/y.json: No space
/// left on device".
std::optional<std::string> replace_file(const std::string& path, std::string_view content,
                                        unsigned mode = 0644);

/// Takes the next piece of a text.
using TextSink = std::function<void(std::string_view)>;
/// The same with content that `produce` hands over piece by piece.
std::optional<std::string> replace_file(const std::string& path,
                                        const std::function<void(const TextSink&)>& produce,
                                        unsigned mode = 0644);

}  // namespace amlnet
