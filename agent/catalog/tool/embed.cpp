// Build tool: reads the catalog as the program will, stops the build at its first error the way a compiler
// does (FILE:LINE: error: ...), and writes it as C++ source with its SHA-256.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "agent/catalog/catalog.h"

namespace {

// Compilers need not take longer string literals (the standard asks for 64 KiB).
constexpr std::size_t piece_bytes = 16'000;

std::string sha256(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string source_of(const std::string& text, const amlnet::Catalog& catalog) {
  std::string out =
      "// Written by the build from the catalog. Do not edit.\n#include \"agent/catalog/embedded.h\"\n\n";
  out += "namespace amlnet {\n\nstd::string embedded_catalog() {\n  std::string text;\n";
  out += fmt::format("  text.reserve({});\n", text.size());
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    const std::string piece = text.substr(at, piece_bytes);
    out += fmt::format("  text.append(R\"catalog({})catalog\", {});\n", piece, piece.size());
  }
  out += "  return text;\n}\n\n";
  out += fmt::format("const char* embedded_catalog_version() {{ return R\"catalog({})catalog\"; }}\n",
                     catalog.version);
  out += fmt::format("const char* embedded_catalog_sha256() {{ return \"{}\"; }}\n\n", sha256(text));
  out += "}  // namespace amlnet\n";
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: catalog_embed CATALOG.json OUTPUT.cpp\n";
    return 2;
  }
  std::ifstream input(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  if (!input || text.find(")catalog\"") != std::string::npos) {
    std::cerr << argv[1] << ": error: cannot be read, or holds )catalog\"\n";
    return 1;
  }
  const auto catalog = amlnet::read_catalog(text, "catalog");
  if (const auto* error = std::get_if<amlnet::ConfigError>(&catalog)) {
    std::cerr << argv[1] << ":" << error->line << ": error: " << error->text << "\n";
    return 1;
  }
  std::ofstream output(argv[2], std::ios::binary);
  output << source_of(text, std::get<amlnet::Catalog>(catalog));
  output.close();
  return output ? 0 : 1;
}
