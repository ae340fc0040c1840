// The client's half of a WebSocket opening handshake over HTTP (RFC 6455 section 4.1), as the HTTP probe
// needs it: an ordinary GET with an Upgrade, answered 101 by a server that read it. Nothing is sent after it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "probes/record.h"

namespace amlnet {

bool is_websocket_url(std::string_view url);

/// "wss://x/" as the "https://x/" that is really asked, and ws as http; every other URL as it is.
std::string http_url_of(std::string_view url);
/// The other way round; "" for what is neither http nor https.
std::string websocket_url_of(std::string_view url);

void add_upgrade_headers(std::vector<std::pair<std::string, std::string>>& headers);

/// Of an answer 101: no error where it proves by its Sec-WebSocket-Accept that the peer read the request's
/// key, `http_malformed` otherwise.
WireError error_of_switch(const HttpDetail& answer);

}  // namespace amlnet
