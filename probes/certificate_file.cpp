#include "probes/certificate_file.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "probes/keystore.h"

namespace amlnet {
namespace {

constexpr std::size_t kMostFiles = 4096;

// One element of a DER encoding: its content, and what follows it. Content is empty when the encoding is
// broken.
struct Element {
  std::string_view whole, content, rest;
};

Element take_element(std::string_view der) {
  if (der.size() < 2) return {};
  std::size_t length = static_cast<unsigned char>(der[1]), header = 2;
  if (length >= 0x80) {
    const std::size_t bytes = length & 0x7FU;
    if (bytes == 0 || bytes > 3 || der.size() < 2 + bytes) return {};
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length << 8U | static_cast<unsigned char>(der[2 + i]);
    header += bytes;
  }
  if (der.size() - header < length) return {};
  return {der.substr(0, header + length), der.substr(header, length), der.substr(header + length)};
}

std::string decode_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  EVP_ENCODE_CTX* context = EVP_ENCODE_CTX_new();
  EVP_DecodeInit(context);
  int size = 0, tail = 0;
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const auto* input = reinterpret_cast<const unsigned char*>(text.data());
  const bool good = EVP_DecodeUpdate(context, bytes, &size, input, static_cast<int>(text.size())) >= 0 &&
                    EVP_DecodeFinal(context, bytes + size, &tail) == 1;
  EVP_ENCODE_CTX_free(context);
  out.resize(good ? static_cast<std::size_t>(size + tail) : 0);
  return out;
}

// "5ed36f99.0": a hash of the subject, and which of those with that hash it is.
bool is_rehashed(std::string_view name) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return name.size() > 9 && name[8] == '.' && std::all_of(name.begin(), name.begin() + 8, is_hex) &&
         std::all_of(name.begin() + 9, name.end(), is_digit);
}

std::vector<std::string> certificates_of_pem(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  std::vector<std::string> out;
  for (std::size_t begin = 0; (begin = pem.find(kBegin, begin)) != std::string_view::npos;) {
    begin += kBegin.size();
    const std::size_t end = pem.find(kEnd, begin);
    if (end == std::string_view::npos) break;
    std::string der = decode_base64(pem.substr(begin, end - begin));
    if (!der.empty()) out.push_back(std::move(der));
    begin = end;
  }
  return out;
}

}  // namespace

CertificateFile read_certificate_file(const std::string& path, std::uintmax_t limit) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return {"", error.message()};
  if (size > limit) return {"", "larger than " + std::to_string(limit >> 20U) + " MiB"};
  CertificateFile read{std::string(static_cast<std::size_t>(size), '\0'), ""};
  std::ifstream file(path, std::ios::binary);
  file.read(read.content.data(), static_cast<std::streamsize>(size));
  if (!file) read.problem = std::system_category().message(errno);
  read.content.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return read;
}

CertificateFile read_rehashed_folder(const std::string& path, std::uintmax_t limit) {
  CertificateFile file;
  std::error_code error;
  std::size_t files = 0;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (!is_rehashed(at->path().filename().string()) || ++files > kMostFiles) continue;
    const std::uintmax_t room = limit - std::min<std::uintmax_t>(limit, file.content.size());
    file.content += read_certificate_file(at->path().string(), room).content + "\n";
  }
  if (error) file.problem = error.message();
  return file;
}

std::vector<std::string> certificates_in(std::string_view content, std::string& problem) {
  Keystore keystore = read_keystore(content);
  if (keystore.is_one) {
    problem = std::move(keystore.problem);
    return std::move(keystore.certificates);
  }
  std::vector<std::string> out = certificates_of_pem(content);
  if (out.empty()) problem = "no certificate in it";
  return out;
}

std::string_view subject_of(std::string_view der) {
  std::string_view at = take_element(take_element(der).content).content;
  if (!at.empty() && static_cast<unsigned char>(at[0]) == 0xA0) at = take_element(at).rest;  // version
  for (int skipped = 0; skipped < 4; ++skipped)
    at = take_element(at).rest;  // serial, algorithm, issuer, validity
  return take_element(at).whole;
}

std::optional<unsigned long> name_hash(const X509_NAME* name) {
  int good = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &good);
  if (good != 1) return std::nullopt;
  return hash;
}

std::optional<unsigned long> name_hash(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  X509_NAME* name = d2i_X509_NAME(nullptr, &bytes, static_cast<long>(der.size()));
  if (name == nullptr) {
    ERR_clear_error();
    return std::nullopt;
  }
  const auto hash = name_hash(name);
  X509_NAME_free(name);
  return hash;
}

}  // namespace amlnet
