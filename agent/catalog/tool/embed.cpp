// Build tool: reads the catalog and its coverage as the program will, stops the build at the first error the
// way a compiler does (FILE:LINE: error: ...), and writes them as C++ source with the catalog's SHA-256.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "agent/catalog/catalog.h"
#include "agent/catalog/coverage.h"

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

/// Statements that append `text` to a string called `text`.
std::string appends(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    const std::string piece = text.substr(at, piece_bytes);
    out += fmt::format("  text.append(R\"catalog({})catalog\", {});\n", piece, piece.size());
  }
  return out;
}

std::string source_of(const std::string& catalog, const std::string& version,
                      const std::vector<std::string>& coverage) {
  std::string out =
      "// Written by the build from the catalog. Do not edit.\n#include \"agent/catalog/embedded.h\"\n\n"
      "namespace amlnet {\n\n";
  out += fmt::format("std::string embedded_catalog() {{\n  std::string text;\n{}  return text;\n}}\n\n",
                     appends(catalog));
  out +=
      fmt::format("const char* embedded_catalog_version() {{ return R\"catalog({})catalog\"; }}\n", version);
  out += fmt::format("const char* embedded_catalog_sha256() {{ return \"{}\"; }}\n\n", sha256(catalog));
  out +=
      "std::vector<std::string> embedded_coverage() {\n  std::vector<std::string> all;\n"
      "  std::string text;\n";
  for (const std::string& file : coverage) out += appends(file) + "  all.push_back(text);\n  text.clear();\n";
  return out + "  return all;\n}\n\n}  // namespace amlnet\n";
}

int fail(const std::string& path, const amlnet::ConfigError& error) {
  std::cerr << path << ":" << error.line << ": error: " << error.text << "\n";
  return 1;
}

/// The file's text, empty where it cannot be embedded.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(input), {}};
  if (input && text.find(")catalog\"") == std::string::npos) return text;
  std::cerr << path << ": error: cannot be read, or holds )catalog\"\n";
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: catalog_embed OUTPUT.cpp CATALOG.json [COVERAGE.json...]\n";
    return 2;
  }
  std::vector<std::string> texts;
  for (int i = 2; i < argc; ++i) {
    const auto text = read_file(argv[i]);
    if (!text) return 1;
    texts.push_back(*text);
  }
  const auto catalog = amlnet::read_catalog(texts[0], "catalog");
  if (const auto* error = std::get_if<amlnet::ConfigError>(&catalog)) return fail(argv[2], *error);
  for (std::size_t i = 1; i < texts.size(); ++i) {
    const auto coverage = amlnet::read_coverage(texts[i], "coverage");
    if (const auto* error = std::get_if<amlnet::ConfigError>(&coverage)) return fail(argv[2 + i], *error);
  }
  std::ofstream output(argv[1], std::ios::binary);
  output << source_of(texts[0], std::get<amlnet::Catalog>(catalog).version, {texts.begin() + 1, texts.end()});
  output.close();
  return output ? 0 : 1;
}
