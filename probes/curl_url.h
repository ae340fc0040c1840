// URLs as libcurl reads them, which is how requests will go. Used by the HTTP probe, and by whoever takes a
// URL apart: proxies, token endpoints, blob containers.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace amlnet {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
/// As curl_url() makes it and curl_url_set() fills it.
using ParsedUrl = std::unique_ptr<CURLU, FreeUrl>;

/// "" where the URL has no such part. Flags are those of curl_url_get(3).
std::string url_part(const ParsedUrl& url, CURLUPart part, unsigned flags = 0);

/// The URL without credentials and fragment; "" when it is no http or https URL.
std::string clean_url(const std::string& text);

/// "http://HOST:PORT/"; "" when `host` cannot stand in a URL.
std::string plain_url(const std::string& host, std::uint16_t port);

/// An IPv6 address in brackets, anything else as it is.
std::string with_brackets(const std::string& host);

/// The proxy's URL with a scheme that leaves the target's name to the proxy: curl would resolve it for the
/// plain SOCKS ones. `shown` is the parsed URL, its scheme in lower case.
std::string leaving_names_to_proxy(const std::string& url, const std::string& shown);

}  // namespace amlnet
