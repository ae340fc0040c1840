// Host patterns of the catalog: names with placeholders, "<storage>.blob.core.windows.net". The reader checks
// them, planning fills them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// What a pattern may hold in angle brackets: "region", "workspace-id", ...
std::span<const std::string_view> placeholder_names();

/// The placeholders of `pattern`, each once, without brackets.
std::vector<std::string> placeholders_of(std::string_view pattern);

/// Whether it begins with "*.": a documented wildcard that nothing can be put in for.
bool is_wildcard(std::string_view pattern);

/// What is wrong with a pattern of the catalog, empty if nothing.
std::optional<std::string> problem_of_pattern(std::string_view pattern);

/// `pattern` with its placeholders filled, lower case. A label that gets longer than 63 bytes (RFC
/// 1035, 2.3.4) loses the end of <workspace>, as Azure cuts notebook names (how-to-custom-dns). Every
/// placeholder must have a value.
std::string fill_pattern(std::string_view pattern, const std::map<std::string, std::string>& values);

}  // namespace amlnet
