#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <saker/core/event_loop.hpp>

#include "core/loop_state.hpp"
#include "http/connection_options.hpp"
#include "server/proxied_connection.hpp"
#include "transport/listener.hpp"
#include "transport/tls_server.hpp"
#include "websocket/counters.hpp"

namespace saker::server {

/// One thread of the server: an event loop, its listeners, its connections.
class worker {
 public:
  /// `tls` is for the secure endpoints and `proxies` for the PROXY protocol; null: there is none.
  worker(const http::connection_options& options, transport::tls_server* tls,
         const proxy_protocol* proxies)
      : options_(options),
        tls_(tls),
        proxies_(proxies),
        counters_(loop_.state().local<websockets::counters>()) {}
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  event_loop& loop() noexcept { return loop_; }

  /// Before `start`: listens on a descriptor. Connections are served here.
  void listen(int descriptor, bool secure);
  /// Before `start`: listens on a descriptor that only one loop can have, and deals what it accepts
  /// out among all of them.
  void listen_for(int descriptor, bool secure, const std::vector<std::unique_ptr<worker>>& all);

  void start();
  /// Accepts nothing more and ends when the connections have. From any thread.
  void stop_in_order();
  /// Ends at once. From any thread.
  void stop_now() noexcept { loop_.stop(); }
  void join();
  /// After `join`: ends what is still open. The loop stays, for handles that others hold.
  void clear() { loop_.state().clear(); }
  /// From any thread.
  saker::websocket_metrics websocket_metrics() const noexcept { return counters_.read(); }

 private:
  void serve(int descriptor, bool secure);
  void serve(std::unique_ptr<core::byte_stream> stream, bool secure);

  const http::connection_options& options_;
  transport::tls_server* const tls_;
  const proxy_protocol* const proxies_;
  event_loop loop_;
  const websockets::counters& counters_;
  std::vector<std::unique_ptr<transport::listener>> listeners_;
  std::thread thread_;
};

}  // namespace saker::server
