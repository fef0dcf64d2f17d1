#pragma once

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <stop_token>

#include <saker/async/task.hpp>

namespace boost::asio {
class io_context;
}

namespace saker {

namespace async {
class loop_state;
}

/// Runs the events of one thread: owns a `boost::asio::io_context` plus the state that the
/// connections of a thread share (the receive buffer, the output buffers, coarse deadlines).
///
/// Purpose: a server runs one per thread. Create your own to run tasks on your own thread, for
/// example a background processor that owns WebSockets handed over by a handler.
///
/// Owner: its creator. Destroying it destroys the tasks that were spawned on it and are still
/// suspended; it must not be running then.
///
/// Thread rule: `run` belongs to one thread at a time; `post`, `resume`, `stop` and `is_current`
/// may be called from any thread.
///
/// Example:
/// ```cpp
/// event_loop background;
/// spawn(background, [](event_loop& loop) -> task<void> {
///   co_await delay(100ms);
///   loop.stop();
/// }(background));
/// background.run();
/// ```
class event_loop {
 public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Returns the loop whose `run` is on the stack of the calling thread, or null.
  static event_loop* current() noexcept { return current_; }
  bool is_current() const noexcept { return current_ == this; }

  /// Runs until `stop` is called. May be called again afterwards.
  void run();

  /// Makes `run` return after the turn in progress. Posted work that has not run stays queued.
  void stop() noexcept;

  /// Runs the function on the loop's thread, in the order of the calls, never inside this call. An
  /// exception from it is logged.
  void post(std::function<void()> function);

  /// Resumes a suspended coroutine on the loop's thread; like `post`, without a wrapper.
  void resume(std::coroutine_handle<> coroutine);

  /// Withdraws a `resume` that has not happened yet. Call it before destroying a coroutine that may
  /// have been posted, on the loop's thread, or while the loop does not run.
  void withdraw(std::coroutine_handle<> coroutine) noexcept;

  /// Returns the Asio context of this loop, for constructing Asio objects: a task can await any
  /// Asio operation with <saker/async/asio.hpp>.
  boost::asio::io_context& context() noexcept;

  /// Internal: for Saker itself.
  async::loop_state& state() noexcept { return *state_; }

 private:
  friend class async::loop_state;
  static constinit inline thread_local event_loop* current_ = nullptr;

  std::unique_ptr<async::loop_state> state_;
};

/// Starts a task on the loop, which owns it from then on. An exception from the task is logged. May
/// be called from any thread; the task always starts inside the loop's `run`.
void spawn(event_loop& loop, task<void> work);

/// Suspends the calling task for at least the given time, on the current event loop. A stop request
/// ends the wait early with `std::system_error` (`std::errc::operation_canceled`). Throws
/// `std::logic_error` without a current event loop.
task<void> delay(std::chrono::nanoseconds duration, std::stop_token stop = {});

/// Suspends the calling task until a stop is requested or the time has passed. Returns true if a
/// stop was requested.
///
///     while (!co_await saker::wait_for_stop(context.stopping(), 1s)) {
///       co_await context.response().write("data: tick\n\n");
///     }
///
/// Waits on the current event loop; throws `std::logic_error` without one.
task<bool> wait_for_stop(std::stop_token stop,
                         std::chrono::nanoseconds at_most = std::chrono::hours(24 * 365));

}  // namespace saker
