#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <saker/websocket/metrics.hpp>

#include "app/binding.hpp"
#include "app/settings.hpp"
#include "app/worker_group.hpp"

namespace saker::app {

/// What serves: the threads, and the endpoints that they listen on.
///
/// Owner: the application. Thread rule: the thread that starts it, but for the members that say
/// otherwise.
class server {
 public:
  /// Binds the endpoints of the settings. Throws `std::system_error` if one cannot be bound. The
  /// options and the proxies (null: no PROXY protocol) outlive it.
  server(const settings& from, const http::connection_options& options,
         const proxy_protocol* proxies);

  const std::vector<std::string>& urls() const noexcept { return urls_; }

  void start() { workers_.start(); }
  /// As of worker_group; from any thread.
  void request_stop() { workers_.request_stop(); }
  void hurry() { workers_.hurry(); }
  /// Waits until everything has ended, for the timeout at most, and ends the threads. Returns false
  /// if something was cut off that should not have been.
  bool finish(worker_group::clock::time_point stopped_at, std::chrono::milliseconds timeout);

  /// From any thread.
  websocket_metrics metrics() const;

 private:
  void deal(binding& bound);

  std::unique_ptr<io::tls_server> tls_;
  worker_group workers_;
  std::vector<std::string> urls_;
  std::vector<std::string> socket_files_;
};

}  // namespace saker::app
