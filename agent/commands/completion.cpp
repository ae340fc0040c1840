#include "agent/commands/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/catalog/words.h"

namespace amlnet {
namespace {

using Commands = std::vector<CompletedCommand>;
using Words = std::vector<std::string>;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// Within the single quotes of any of the three shells.
std::string quoted(const std::string& text) {
  return "'" + replaced(text, "'", R"('\'')") + "'";
}

std::string joined(const Words& words, std::string_view between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

Words names_of(const Commands& commands) {
  Words names;
  for (const CompletedCommand& command : commands) names.push_back(command.name);
  return names;
}

constexpr std::string_view kBash = R"(# bash completion of amlnet
_amlnet() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= words= word
  # --option=value comes as three words
  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case $word in @NAMES@) command=$word; break ;; esac
  done
  COMPREPLY=()
  case $command:$prev in
@VALUES@    *)
      case $command in
@OPTIONS@        *) words='@COMMANDS@ --help --version' ;;
      esac
      mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
  esac
}
complete -o filenames -o bashdefault -o default -F _amlnet amlnet
)";

std::string bash_script(const Commands& commands) {
  std::string values, options;
  for (const CompletedCommand& command : commands) {
    Words all = command.words;
    for (const CompletedOption& option : command.options) {
      all.push_back(option.name);
      if (!option.takes_value) continue;
      const std::string what = option.takes_file ? "-f" : "-W " + quoted(joined(option.words));
      values += fmt::format("    {}:{}) mapfile -t COMPREPLY < <(compgen {} -- \"$cur\") ;;\n", command.name,
                            option.name, what);
    }
    options += fmt::format("        {}) words={} ;;\n", command.name, quoted(joined(all)));
  }
  std::string script = replaced(std::string(kBash), "@NAMES@", joined(names_of(commands), "|"));
  script = replaced(std::move(script), "@COMMANDS@", joined(names_of(commands)));
  script = replaced(std::move(script), "@OPTIONS@", options);
  return replaced(std::move(script), "@VALUES@", values);
}

/// Text within an argument specification of zsh.
std::string in_specification(std::string text) {
  for (const std::string_view special : {"\\", "[", "]", ":"})
    text = replaced(std::move(text), special, "\\" + std::string(special));
  return text;
}

std::string zsh_option(const CompletedOption& option) {
  const std::string help = "[" + in_specification(option.help) + "]";
  std::string value;
  if (option.takes_file)
    value = ":file:_files";
  else if (option.takes_value)
    value = fmt::format(":value:({})", joined(option.words));
  std::string text =
      " \\\n        " + quoted("*" + option.name + (option.takes_value ? "=" : "") + help + value);
  if (option.letter) text += " \\\n        " + quoted(fmt::format("*-{}{}", option.letter, help));
  return text;
}

std::string zsh_script(const Commands& commands) {
  std::string list, cases;
  for (const CompletedCommand& command : commands) {
    list += "    " + quoted(command.name + ":" + replaced(command.help, ":", "\\:")) + "\n";
    cases += fmt::format("    {}) _arguments", command.name);
    for (const CompletedOption& option : command.options) cases += zsh_option(option);
    const std::string words =
        command.words.empty() ? "*:file:_files" : fmt::format("*:word:({})", joined(command.words));
    cases += fmt::format(" \\\n        {} ;;\n", quoted(words));
  }
  return "#compdef amlnet\n_amlnet() {\n  local -a commands\n  commands=(\n" + list +
         "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands -- --help --version\n    "
         "return\n"
         "  fi\n  local command=${words[2]}\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" +
         cases +
         "  esac\n}\nif [ \"$funcstack[1]\" = _amlnet ]; then _amlnet \"$@\"; else compdef _amlnet amlnet; "
         "fi\n";
}

std::string fish_option(const std::string& of_command, const CompletedOption& option) {
  std::string line = of_command + " -l " + option.name.substr(2) + " -d " + quoted(option.help);
  if (option.letter) line += fmt::format(" -s {}", option.letter);
  if (option.takes_file)
    line += " -r -F";
  else if (option.takes_value)
    line += " -x -a " + quoted(joined(option.words));
  return line + "\n";
}

std::string fish_script(const Commands& commands) {
  std::string script = "# fish completion of amlnet\n";
  for (const CompletedCommand& command : commands) {
    script += fmt::format("complete -c amlnet -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                          quoted(command.help));
    const std::string of_command =
        fmt::format("complete -c amlnet -n '__fish_seen_subcommand_from {}'", command.name);
    if (!command.words.empty())
      script += fmt::format("{} -f -a {}\n", of_command, quoted(joined(command.words)));
    for (const CompletedOption& option : command.options) script += fish_option(of_command, option);
  }
  return script + "complete -c amlnet -n __fish_use_subcommand -f -l version\n";
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

Words words_in_message(std::string_view message) {
  constexpr std::string_view kBefore = "expected ";
  const std::size_t begin = message.find(kBefore);
  if (begin == std::string_view::npos) return {};
  message.remove_prefix(begin + kBefore.size());
  std::string list(message.substr(0, message.find(", got ")));
  if (const std::size_t last = list.rfind(" or "); last != std::string::npos) list.replace(last, 4, ", ");
  Words words;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t comma = std::min(list.find(", ", at), list.size());
    words.push_back(list.substr(at, comma - at));
    if (!is_word(words.back())) return {};
    at = comma + 2;
  }
  return words;
}

CompletedOption completed(const OptionRow& row) {
  CompletedOption option{"--" + std::string(row.name), row.letter,          std::string(row.help),
                         !row.value.empty(),           row.value == "FILE", {}};
  CheckOptions scratch;
  if (option.takes_value && !option.takes_file) option.words = words_in_message(row.set(scratch, "?"));
  return option;
}

Words completed_shells() {
  return {"bash", "fish", "zsh"};
}

Notice completion(const Words& shells, Commands commands) {
  for (CompletedCommand& command : commands)
    command.options.push_back({"--help", 'h', "Print help", false, false, {}});
  if (shells == Words{"bash"}) return {0, bash_script(commands)};
  if (shells == Words{"fish"}) return {0, fish_script(commands)};
  if (shells == Words{"zsh"}) return {0, zsh_script(commands)};
  const std::string got = shells.empty() ? "nothing" : "\"" + printable(joined(shells)) + "\"";
  return {2, "amlnet: completion: expected bash, fish or zsh, got " + got + "\n"};
}

}  // namespace amlnet
