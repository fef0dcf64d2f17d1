#pragma once

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <stop_token>

namespace saker::app {

class server;

/// How far an application is, and whether it has been asked to stop: `start` and `stop` may meet.
///
/// Owner: the application. Thread rule: the thread that starts it, but for the members that say
/// otherwise.
class lifetime {
 public:
  using clock = std::chrono::steady_clock;

  /// Throws `std::logic_error` on a second call.
  void begin();
  /// The server is to end now if it has been asked to stop already.
  void serve(server& started);

  /// Signals `stopping`, then ends what serves. Further calls have no effect. From any thread.
  void stop() noexcept;
  std::stop_token stopping() const noexcept { return stop_source_.get_token(); }
  /// Waits until `stop` is called, and returns when that was.
  clock::time_point wait_for_stop() const;

  /// What the thread that runs the application waits on: signals and `stop`.
  boost::asio::io_context& control() noexcept { return control_; }

 private:
  enum class stage { configured, starting, serving, ending };

  void end_if_asked();

  std::stop_source stop_source_;
  std::mutex mutex_;
  stage stage_ = stage::configured;
  server* server_ = nullptr;  // From serving on.
  std::atomic<bool> stopping_ = false;
  clock::time_point stopped_at_;
  boost::asio::io_context control_{1};
};

}  // namespace saker::app
