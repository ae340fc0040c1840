// Java's trust stores: the certificates of a JKS file, and of a PKCS #12 file that is not encrypted. Used by
// the trust stores. A file is hostile input: every length is checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amlnet {

struct Keystore {
  bool is_one = false;                    // else the bytes are something else, PEM for instance
  std::vector<std::string> certificates;  // DER, at most 4096
  std::string problem;                    // why there are none
};

/// Reads the trusted certificates. Integrity is not checked: that would need the store's password.
Keystore read_keystore(std::string_view bytes);

}  // namespace amlnet
