// The words of --format, which are others in some commands. Used by the option table and by what the
// environment gives.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "agent/catalog/words.h"
#include "agent/commands/options.h"

namespace amlnet {

std::span<const Word<Format>> report_formats();
std::span<const Word<ListFormat>> list_formats();  // of `requirements`
std::span<const Word<FixFormat>> fix_formats();

/// Whether all the words are formats, and not all of them such as `command` writes in one run: then they are
/// meant for another command.
bool are_formats_of_others(const std::vector<std::string_view>& words, Command command);

}  // namespace amlnet
