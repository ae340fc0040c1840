// Takes secrets out of texts, and puts pseudonyms in the place of names and addresses. Used by bundle.cpp.
// All texts of one bundle go through one Redactor, so that a name is the same pseudonym in all of them.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

/// Secrets are always taken out.
struct Redaction {
  bool names = false;
  bool addresses = false;
};

class Redactor {
 public:
  /// `key` are random bytes that nobody keeps: addresses and GUIDs cannot be computed back without it.
  /// `public_names` are host names and patterns ("<storage>.blob.core.windows.net") whose labels stay
  /// readable.
  Redactor(Redaction what, std::string key, const std::vector<std::string>& public_names);

  /// Takes this value out wherever it stands. Shorter than 6 bytes it would hit innocent words: ignored.
  void learn_secret(std::string_view value);
  /// A name without dots, as of a storage account: a pseudonym wherever it stands as a word. Public labels
  /// and single letters are ignored.
  void learn_word(std::string_view word);
  /// A host name. What ends in the same label is a host name, too; without dots it is a word.
  void learn_name(std::string_view name);

  /// The text with "(removed)" for secrets: what was learned, credentials in URLs, values of parameters and
  /// fields that are named like one, tokens after Bearer and Basic, JSON web tokens, private keys. Then
  /// names, GUIDs and addresses, where that is asked for. Networks keep their prefix length; addresses stay
  /// in their kind (private, public), and two that share a prefix still share one as long. What is the same
  /// everywhere (loopback, link-local, documentation, 168.63.129.16) stays.
  std::string text(std::string_view text);

  const Redaction& what() const { return what_; }
  std::size_t secrets() const { return secrets_; }  // taken out so far, each time counted
  std::size_t names() const { return pseudonyms_.size() + guids_.size(); }
  std::size_t addresses() const { return addresses_.size(); }

 private:
  std::string without_secrets(std::string_view text);
  std::string without_known_secrets(std::string_view text);
  std::string token(std::string_view token, std::string_view after);
  std::string host_name(std::string_view name);
  std::string label(std::string_view label);
  std::string words(std::string_view token, bool whole_label);
  std::string piece(std::string_view piece);
  const std::string& pseudonym(std::string_view lower);
  const std::string& guid(std::string_view lower);
  std::string address(std::string_view address, std::string_view after);
  std::string keyed(std::string_view text) const;
  bool is_host_name(std::string_view token) const;

  Redaction what_;
  std::string key_;
  std::set<std::string> public_labels_, public_pieces_, last_labels_;
  std::set<std::string> known_secrets_;
  std::vector<std::string> words_;  // lower case, the longest first
  std::map<std::string, std::string> pseudonyms_, guids_, addresses_;
  std::size_t secrets_ = 0;
};

inline constexpr std::string_view kRemoved = "(removed)";

/// Whether a field of this name (of a header, a parameter, a variable) holds a secret.
bool names_a_secret(std::string_view name);

}  // namespace amlnet
