#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <saker/async/event_loop.hpp>

#include "app/proxied_connection.hpp"
#include "async/deadline.hpp"
#include "async/loop_state.hpp"
#include "http/exchange/connection_options.hpp"
#include "io/listener.hpp"
#include "io/tls_server.hpp"
#include "websocket/counters.hpp"

namespace saker::app {

/// One thread of the server: an event loop, its listeners, its connections.
class worker {
 public:
  /// `tls` is for the secure endpoints and `proxies` for the PROXY protocol; null: there is none.
  worker(const http::connection_options& options, io::tls_server* tls,
         const proxy_protocol* proxies)
      : options_(options),
        tls_(tls),
        proxies_(proxies),
        counters_(loop_.state().local<websockets::counters>()),
        stop_watch_([](void* self) { static_cast<worker*>(self)->watch(); }, this) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  event_loop& loop() noexcept { return loop_; }

  /// Before `start`: listens on a descriptor. Connections are served here.
  void listen(int descriptor, bool secure);
  /// Before `start`: listens on a descriptor that only one loop can have, and deals what it accepts
  /// out among all of them.
  void listen_for(int descriptor, bool secure, const std::vector<std::unique_ptr<worker>>& all);

  /// `on_end` is called by the thread, at its end.
  void start(std::function<void()> on_end);
  /// Accepts nothing more and asks everything to end. The listener is told, by the worker's thread,
  /// when that has happened, and when there is something to wait for again. From any thread.
  void stop_in_order(std::function<void(bool finished)> listener);
  /// What the listener was told last. On the worker's thread.
  bool has_finished() const noexcept { return finished_; }
  /// Ends the thread, after what has been asked of it before. From any thread.
  void stop_now();
  /// After `join`: what has not ended.
  void report_work(async::work_report& to) { loop_.state().report_work(to); }
  void join();
  /// After `join`: ends what is still open. The loop stays, for handles that others hold.
  void clear() { loop_.state().clear(); }
  /// From any thread.
  saker::websocket_metrics websocket_metrics() const noexcept { return counters_.read(); }

 private:
  void serve(int descriptor, bool secure);
  void serve(std::unique_ptr<io::byte_stream> stream, bool secure);
  void begin_stopping();
  void watch();
  void note_progress();

  const http::connection_options& options_;
  io::tls_server* const tls_;
  const proxy_protocol* const proxies_;
  event_loop loop_;
  const websockets::counters& counters_;
  std::vector<std::unique_ptr<io::listener>> listeners_;
  std::thread thread_;
  std::function<void(bool)> stop_listener_;
  async::deadline stop_watch_;
  int quiet_ticks_ = 0;  ///< Since the last handler has ended.
  bool finished_ = false;
};

}  // namespace saker::app
