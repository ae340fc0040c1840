// curl must not be called from its own callbacks, so those only arm timers and waits; everything that may
// call back into curl runs from the executor. curl closes its sockets itself: the descriptors here only
// borrow them and let them go when curl says CURL_POLL_REMOVE, which it does before it closes.
#include "probes/loop/curl_loop.h"

#include <asio/cancellation_type.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <system_error>
#include <utility>

namespace amlnet {

struct CurlLoop::Watch {
  Watch(const asio::any_io_executor& executor, curl_socket_t socket) : descriptor(executor, socket) {}
  asio::posix::stream_descriptor descriptor;
  int wanted = 0;   // CURL_POLL_...
  int waiting = 0;  // the waits that are under way
};

CurlLoop::CurlLoop(asio::any_io_executor executor)
    : executor_(std::move(executor)), timer_(executor_), multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
  closing_ = true;
  for (auto& [socket, watched] : watches_) watched->descriptor.release();
  watches_.clear();
  curl_multi_cleanup(multi_);
}

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int events, void* self, void*) {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (loop.closing_) return 0;
  auto found = loop.watches_.find(socket);
  if (events == CURL_POLL_REMOVE) {
    if (found == loop.watches_.end()) return 0;
    found->second->descriptor.release();
    loop.watches_.erase(found);
    return 0;
  }
  if (found == loop.watches_.end())
    found = loop.watches_.emplace(socket, std::make_shared<Watch>(loop.executor_, socket)).first;
  found->second->wanted = events;
  loop.watch(socket, found->second);
  return 0;
}

int CurlLoop::on_timer(CURLM*, long ms, void* self) {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.timer_.cancel();
  if (ms < 0 || loop.closing_) return 0;
  loop.timer_.expires_after(Milliseconds(ms));
  loop.timer_.async_wait([&loop, alive = std::weak_ptr<char>(loop.alive_)](std::error_code error) {
    if (!error && !alive.expired()) loop.step(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlLoop::watch(curl_socket_t socket, const std::shared_ptr<Watch>& watched) {
  wait_for(socket, watched, CURL_POLL_IN);
  wait_for(socket, watched, CURL_POLL_OUT);
}

void CurlLoop::wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watched, int event) {
  if (!(watched->wanted & event) || (watched->waiting & event)) return;
  watched->waiting |= event;
  using Descriptor = asio::posix::stream_descriptor;
  const auto kind = event == CURL_POLL_IN ? Descriptor::wait_read : Descriptor::wait_write;
  watched->descriptor.async_wait(kind,
                                 [this, socket, event, weak = std::weak_ptr(watched)](std::error_code error) {
                                   const auto live = weak.lock();
                                   if (!live)
                                     return;  // curl let the socket go meanwhile, or this loop is no more
                                   live->waiting &= ~event;
                                   if (error) return;
                                   if (live->wanted & event)
                                     step(socket, event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
                                   const auto again = watches_.find(socket);
                                   if (again != watches_.end() && again->second == live) watch(socket, live);
                                 });
}

void CurlLoop::step(curl_socket_t socket, int events) {
  int left = 0;
  curl_multi_socket_action(multi_, socket, events, &left);
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = transfers_.find(message->easy_handle);
    if (found != transfers_.end()) found->second->finish(message->data.result);
  }
}

Transfer::Transfer(CurlLoop& loop, CURL* easy, Deadline deadline)
    : loop_(loop), easy_(easy), timer_(loop.executor_, deadline) {
  loop_.transfers_.emplace(easy_, this);
  // This only arms our timer: nothing is sent from in here.
  if (curl_multi_add_handle(loop_.multi_, easy_) != CURLM_OK) finish(CURLE_FAILED_INIT);
}

Transfer::~Transfer() {
  loop_.transfers_.erase(easy_);
  curl_multi_remove_handle(loop_.multi_, easy_);
}

void Transfer::finish(CURLcode code) {
  finished_ = true;
  code_ = code;
  timer_.cancel();
}

asio::awaitable<TransferEnd> Transfer::ended() {
  co_await asio::this_coro::throw_if_cancelled(false);
  std::error_code error;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return TransferEnd::cancelled;
  if (!finished_) {
    auto wait = timer_.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
    const auto result = co_await std::move(wait);
    error = std::get<0>(result);
  }
  if (finished_) co_return TransferEnd::finished;
  co_return error ? TransferEnd::cancelled : TransferEnd::deadline;
}

}  // namespace amlnet
