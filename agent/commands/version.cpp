#include "agent/commands/version.h"

#include <ares.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <openssl/crypto.h>

#include <CLI/Version.hpp>
#include <asio/version.hpp>
#include <nlohmann/json.hpp>

namespace amlnet {

std::string_view version() {
  return AMLNET_VERSION;
}

std::string version_text(std::string_view catalog_version) {
  const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
  return fmt::format(
      "amlnet {}\ncatalog {}\n"
      "asio {}.{}.{}, c-ares {}, libcurl {}, OpenSSL {}, nlohmann_json {}.{}.{}, CLI11 {}, fmt {}.{}.{}, "
      "libmicrohttpd {}\n",
      version(), catalog_version, ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100,
      ares_version(nullptr), curl->version, OpenSSL_version(OPENSSL_VERSION_STRING),
      NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, CLI11_VERSION,
      FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, MHD_get_version());
}

}  // namespace amlnet
