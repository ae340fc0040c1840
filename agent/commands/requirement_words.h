// A requirement of the catalog in words and as JSON, as the commands `requirements` and `explain` show it.
// Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agent/catalog/requirement.h"

namespace amlnet {

/// "compute.kind is instance or cluster; the feature vscode is on"; "" without conditions.
std::string condition_words(const Condition& condition);

/// "login.microsoftonline.com:443", each name once, in the catalog's order; a name that stands for a
/// documented wildcard has " (*.azureml.ms)" behind it.
std::vector<std::string> host_words(const Requirement& requirement, Cloud cloud);

/// "since 2022-09-06, until 2023-04-14, replaced by mcr.rest"; "" for an open row.
std::string period_words(const Requirement& requirement);

/// "from /etc/amlnet/catalog.d/own.json; level set by own.json"; "" for the documentation's own rows.
std::string source_words(const Requirement& requirement);

/// A cell of a Markdown table: no pipe ends it, nothing in it is taken for a tag or for emphasis.
std::string markdown_cell(std::string_view text);

std::string_view name_of_level(Level level);

/// The row as the catalog's file writes it, with its documents in full.
nlohmann::ordered_json requirement_json(const Requirement& requirement);

}  // namespace amlnet
