#include "probes/curl_url.h"

namespace amlnet {

std::string url_part(const ParsedUrl& url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK || text == nullptr) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

std::string clean_url(const std::string& text) {
  const ParsedUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return "";
  const std::string scheme = url_part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return "";
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT})
    curl_url_set(url.get(), part, nullptr, 0);
  return url_part(url, CURLUPART_URL);
}

std::string plain_url(const std::string& host, std::uint16_t port) {
  const ParsedUrl url(curl_url());
  curl_url_set(url.get(), CURLUPART_SCHEME, "http", 0);
  if (curl_url_set(url.get(), CURLUPART_HOST, with_brackets(host).c_str(), 0) != CURLUE_OK) return "";
  curl_url_set(url.get(), CURLUPART_PORT, std::to_string(port).c_str(), 0);
  return url_part(url, CURLUPART_URL);
}

std::string with_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string leaving_names_to_proxy(const std::string& url, const std::string& shown) {
  const std::string scheme = shown.substr(0, shown.find(':'));
  const std::size_t mark = url.find("://");
  const std::string rest = mark == std::string::npos ? url : url.substr(mark + 3);
  if (scheme == "socks5") return "socks5h://" + rest;
  if (scheme == "socks4" || scheme == "socks") return "socks4a://" + rest;
  return scheme + "://" + rest;
}

}  // namespace amlnet
