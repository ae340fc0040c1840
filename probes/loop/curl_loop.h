// libcurl's multi interface on an Asio executor: curl says which sockets and which timer it wants, the
// executor waits for them. Used by the HTTP probe; all calls must come from the executor's one thread.
#pragma once

#include <curl/curl.h>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>

#include "probes/time.h"

namespace amlnet {

class Transfer;

/// One multi handle. Every Transfer must be gone before it is destroyed.
class CurlLoop {
 public:
  explicit CurlLoop(asio::any_io_executor executor);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

 private:
  friend class Transfer;
  struct Watch;

  static int on_socket(CURL*, curl_socket_t socket, int events, void* self, void*);
  static int on_timer(CURLM*, long ms, void* self);
  void watch(curl_socket_t socket, const std::shared_ptr<Watch>& watched);
  void wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watched, int event);
  void step(curl_socket_t socket, int events);

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  CURLM* multi_;
  std::unordered_map<CURL*, Transfer*> transfers_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  bool closing_ = false;
  std::shared_ptr<char> alive_ =
      std::make_shared<char>();  // handlers already queued ask whether we still are
};

/// How waiting for a transfer ended.
enum class TransferEnd { finished, deadline, cancelled };

/// An easy handle at work: runs from construction to destruction. Its connection can be taken over between
/// the end of ended() and the destruction, which closes it.
class Transfer {
 public:
  Transfer(CurlLoop& loop, CURL* easy, Deadline deadline);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Waits until curl is done, the deadline passes, or the awaiting coroutine is cancelled. Await it once.
  asio::awaitable<TransferEnd> ended();
  /// curl's result; only after TransferEnd::finished.
  CURLcode code() const { return code_; }

 private:
  friend class CurlLoop;
  void finish(CURLcode code);

  CurlLoop& loop_;
  CURL* easy_;
  asio::steady_timer timer_;  // expires at the deadline; cancelled when curl is done
  bool finished_ = false;
  CURLcode code_ = CURLE_OK;
};

}  // namespace amlnet
