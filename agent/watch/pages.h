// What watch answers to an HTTP request, from the texts of the last round. Used by its server; pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace amlnet {

/// The texts of one moment. Never changed once they are shared.
struct WatchPages {
  std::string metrics;
  std::string json, html;  // the last report, "" before the first round
};

struct PageRequest {
  std::string_view method, path, host, accept;  // "" where a header is not there
};

struct PageAnswer {
  unsigned status = 200;
  const char* type = "text/plain; charset=utf-8";
  const char* allow = nullptr;  // the Allow header of a refused method
  std::string_view body;        // of the pages, or of this program: nothing of the request
};

/// `alive`: whether the rounds go on. `any_host`: the Host header may be a name; on loopback it may not, or a
/// page in a browser of this machine could read the answers by a name of its own that leads here.
PageAnswer answer_page(const WatchPages& pages, const PageRequest& request, bool alive, bool any_host);

}  // namespace amlnet
