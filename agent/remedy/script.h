// What the writers of remedies share: text of a report inside the languages that they write. Everything that
// comes from a report is hostile; nothing of it may end a string, a comment or a command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/remedy/rule.h"

namespace amlnet {

/// `text` as one word of a POSIX shell, in single quotes.
std::string shell_word(std::string_view text);
/// `text` as a string of Bicep, with its quotes.
std::string bicep_string(std::string_view text);
/// `text` as a string of HCL, with its quotes.
std::string hcl_string(std::string_view text);

/// `text` on one line of printable ASCII, at most 500 characters, fit for what follows "#" or "//".
std::string comment_text(std::string_view text);

/// Each line after `mark` ("# ", "// ").
std::string comments(std::string_view mark, const std::vector<std::string>& lines);

/// Each line of `text` after `indent`.
std::string indented(std::string_view text, std::string_view indent);

/// What the file is, and what holds for all of its rules.
std::vector<std::string> head_lines(const Remedies& found);
/// What one rule allows or adds, then the requirements and documents it comes from.
std::vector<std::string> rule_lines(const Rule& rule);
/// The documents that a rule comes from, each once: title, date and address.
std::vector<std::string> document_lines(const Rule& rule);
/// What is left to people: the rules for a firewall that is not Azure's, and the failures without a rule.
std::vector<std::string> remaining_lines(const Remedies& found);

/// One sentence: "Allow TCP 443 to mcr.microsoft.com by name: an application rule of the firewall".
std::string sentence_of(const RuleKind& kind);

/// Whether the rule is for a firewall that is not Azure's, so that no command of Azure writes it.
bool is_foreign(const Remedies& found, const Rule& rule);

/// `name` with '_' for what is no letter or digit: part of an identifier in Bicep, HCL and, in upper case,
/// the shell.
std::string identifier(std::string_view name);
std::string upper_identifier(std::string_view name);

}  // namespace amlnet
