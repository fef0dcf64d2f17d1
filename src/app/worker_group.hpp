#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "app/worker.hpp"
#include "async/work_report.hpp"

namespace saker::app {

/// The threads of a server, and their common end: none goes before all are ready to, since what
/// runs on one may wait for another.
///
/// Owner: the application. Thread rule: the thread that starts it, but for the members that say
/// otherwise.
class worker_group {
 public:
  using clock = std::chrono::steady_clock;

  /// As for worker.
  worker_group(unsigned threads, const http::connection_options& options, io::tls_server* tls,
               const proxy_protocol* proxies);

  const std::vector<std::unique_ptr<worker>>& workers() const noexcept { return workers_; }

  void start();
  /// Asks everything to end. Once; from any thread.
  void request_stop();
  /// After `request_stop`: makes `finish` wait no longer. From any thread.
  void hurry();
  /// Waits until everything has ended, or that time has come, and ends the threads. Returns what
  /// was cut off.
  async::work_report finish(clock::time_point deadline);

 private:
  void wait_for_end(clock::time_point deadline);
  void wait_for_threads();

  std::vector<std::unique_ptr<worker>> workers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t unfinished_;
  std::size_t running_ = 0;
  bool in_hurry_ = false;
};

}  // namespace saker::app
