// Names are replaced label by label: labels that the documentation's own names consist of stay, so that
// stws1.blob.core.windows.net becomes host1.blob.core.windows.net. The same label is the same pseudonym
// everywhere, and so names that are made of facts (a workspace's name, its GUID) still fit together. A word
// with dots is a host name if it ends in a label that host names end in.
#include "reports/redact.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "probes/ascii.h"
#include "probes/target.h"
#include "reports/redact_address.h"

namespace amlnet {
namespace {

constexpr std::size_t kGuid = 36;
constexpr std::size_t kMostWords = 1000;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool in_token(char c) {
  return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

bool starts_with_guid(std::string_view text) {
  if (text.size() < kGuid || (text.size() > kGuid && is_alnum(text[kGuid]))) return false;
  for (std::size_t at = 0; at < kGuid; ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : !is_hex(text[at])) return false;
  }
  return true;
}

template <class Take>
void split(std::string_view text, char separator, Take&& take) {
  while (true) {
    const std::size_t end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Redactor::Redactor(Redaction what, std::string key, const std::vector<std::string>& public_names)
    : what_(what), key_(std::move(key)) {
  for (const std::string& name : public_names) {
    split(lower_case(name), '.', [&](std::string_view label) {
      if (label.find('<') == std::string_view::npos) public_labels_.emplace(label);
      split(label, '-', [&](std::string_view piece) {
        if (piece.find_first_of("<>") == std::string_view::npos) public_pieces_.emplace(piece);
      });
    });
    last_labels_.insert(lower_case(name.substr(name.rfind('.') + 1)));
  }
  for (const char* label :
       {"com", "net", "org", "io", "local", "internal", "corp", "lan", "arpa", "azure", "cloud"})
    last_labels_.insert(label);
}

void Redactor::learn_secret(std::string_view value) {
  if (value.size() >= 6) known_secrets_.emplace(value);
}

void Redactor::learn_word(std::string_view word) {
  const std::string lower = lower_case(word);
  const bool number = lower.find_first_not_of("0123456789") == std::string::npos;
  if (lower.size() < 2 || lower.size() > 253 || number || words_.size() == kMostWords) return;
  if (public_labels_.contains(lower) || public_pieces_.contains(lower) ||
      std::ranges::find(words_, lower) != words_.end())
    return;
  words_.push_back(lower);
  std::ranges::stable_sort(words_, std::greater{}, &std::string::size);
}

void Redactor::learn_name(std::string_view name) {
  while (name.ends_with('.')) name.remove_suffix(1);
  if (!std::ranges::all_of(name, in_token) || address_bytes(name)) return;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return learn_word(name);
  const std::string last = lower_case(name.substr(dot + 1));
  if (last.find_first_not_of("0123456789") != std::string::npos) last_labels_.insert(last);
}

std::string Redactor::keyed(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

const std::string& Redactor::pseudonym(std::string_view lower) {
  const auto found = pseudonyms_.find(std::string(lower));
  if (found != pseudonyms_.end()) return found->second;
  return pseudonyms_.emplace(lower, fmt::format("host{}", pseudonyms_.size() + 1)).first->second;
}

const std::string& Redactor::guid(std::string_view lower) {
  std::string& made = guids_[std::string(lower)];
  if (!made.empty()) return made;
  for (const char byte : keyed(lower).substr(0, 16)) {
    if (made.size() == 8 || made.size() == 13 || made.size() == 18 || made.size() == 23) made += '-';
    made += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return made;
}

std::string Redactor::piece(std::string_view text) {
  const std::string lower = lower_case(text);
  const bool number = lower.find_first_not_of("0123456789") == std::string::npos;
  return number || public_pieces_.contains(lower) || public_labels_.contains(lower) ? std::string(text)
                                                                                    : pseudonym(lower);
}

/// Learned words and GUIDs inside a token, where no letter or digit touches them. In a label that has one,
/// what stands beside it is replaced, too, unless it is public.
std::string Redactor::words(std::string_view token, bool whole_label) {
  const std::string lower = lower_case(token);
  std::string out, gap;
  bool found = false;
  const auto close_gap = [&] {
    bool first = true;
    split(gap, '-', [&](std::string_view part) {
      out += std::exchange(first, false) ? "" : "-";
      out += whole_label ? piece(part) : std::string(part);
    });
    gap.clear();
  };
  for (std::size_t at = 0; at < token.size();) {
    const bool starts = at == 0 || !is_alnum(token[at - 1]);
    std::size_t size = starts && starts_with_guid(std::string_view(lower).substr(at)) ? kGuid : 0;
    const bool is_guid = size > 0;
    for (auto word = words_.begin(); starts && size == 0 && word != words_.end(); ++word) {
      const std::size_t end = at + word->size();
      if (lower.compare(at, word->size(), *word) == 0 && (end >= lower.size() || !is_alnum(lower[end])))
        size = word->size();
    }
    if (size == 0) {
      gap += token[at++];
      continue;
    }
    found = true;
    close_gap();
    out += is_guid ? guid(lower.substr(at, size)) : pseudonym(lower.substr(at, size));
    at += size;
  }
  if (!found) return whole_label ? pseudonym(lower) : std::string(token);
  close_gap();
  return out;
}

std::string Redactor::label(std::string_view text) {
  const std::string lower = lower_case(text);
  if (text.empty() || public_labels_.contains(lower)) return std::string(text);
  return words(text, true);
}

std::string Redactor::host_name(std::string_view name) {
  std::string out;
  bool first = true;
  split(name, '.', [&](std::string_view part) {
    const bool last = part.data() + part.size() == name.data() + name.size();
    out += std::exchange(first, false) ? "" : ".";
    out += last ? std::string(part) : label(part);
  });
  return out;
}

bool Redactor::is_host_name(std::string_view token) const {
  const std::size_t dot = token.rfind('.');
  return dot != std::string_view::npos && last_labels_.contains(lower_case(token.substr(dot + 1)));
}

std::string Redactor::address(std::string_view text, std::string_view after) {
  const std::optional<std::string> bytes = address_bytes(text);
  if (!bytes || is_same_everywhere(*bytes)) return std::string(text);
  std::string& known = addresses_[*bytes];
  if (known.empty()) known = mapped_address(*bytes, [this](std::string_view bits) { return keyed(bits); });
  return address_text(without_host_part(known, *bytes, after));
}

/// One run of letters, digits, hyphens, underscores and dots; those at its ends are punctuation.
std::string Redactor::token(std::string_view text, std::string_view after) {
  std::string_view core = text;
  while (core.starts_with('.')) core.remove_prefix(1);
  while (core.ends_with('.') || core.ends_with('-')) core.remove_suffix(1);
  if (core.empty()) return std::string(text);
  const std::string before(text.substr(0, static_cast<std::size_t>(core.data() - text.data())));
  const std::string behind(text.substr(before.size() + core.size()));
  if (address_bytes(core)) {
    return before + (what_.addresses ? address(core, behind.empty() ? after : "") : std::string(core)) +
           behind;
  }
  if (!what_.names) return std::string(text);
  return before + (is_host_name(core) ? host_name(core) : words(core, false)) + behind;
}

std::string Redactor::text(std::string_view given) {
  const std::string clean = without_secrets(given);
  if (!what_.names && !what_.addresses) return clean;
  const std::string_view rest = clean;
  std::string out;
  for (std::size_t at = 0; at < rest.size();) {
    std::size_t end = at;
    std::size_t colons = 0;
    for (; end < rest.size() && (is_hex(rest[end]) || rest[end] == ':' || rest[end] == '.'); ++end)
      colons += rest[end] == ':' ? 1 : 0;
    while (colons > 2 && end > at && (rest[end - 1] == '.' || (rest[end - 1] == ':' && rest[end - 2] != ':')))
      --end;
    if (colons >= 2 && address_bytes(rest.substr(at, end - at))) {
      out += what_.addresses ? address(rest.substr(at, end - at), rest.substr(end))
                             : std::string(rest.substr(at, end - at));
      at = end;
      continue;
    }
    end = at;
    while (end < rest.size() && in_token(rest[end])) ++end;
    if (end == at) {
      out += rest[at++];
      continue;
    }
    out += token(rest.substr(at, end - at), rest.substr(end));
    at = end;
  }
  return out;
}

}  // namespace amlnet
