#pragma once

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <stop_token>

#include <saker/core/task.hpp>

namespace boost::asio {
class io_context;
}

namespace saker {

namespace core {
class loop_state;
}

/// One thread's event loop: a `boost::asio::io_context` plus what Saker's hot path shares among the
/// connections of a thread (the receive buffer, the output buffers, coarse deadlines).
///
/// Purpose: a server runs one per thread. Create your own to run tasks on a thread of yours, for
/// example a background processor that owns WebSockets which a handler handed to it.
///
/// Owner: whoever created it. Destroying it destroys the tasks that were spawned on it and are
/// still suspended; it must not be running then.
///
/// Thread rule: `run` belongs to one thread at a time; `post`, `resume`, `stop` and `is_current`
/// may be called from any thread.
class event_loop {
 public:
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// The loop whose `run` is on the stack of the calling thread, or null.
  static event_loop* current() noexcept { return current_; }
  bool is_current() const noexcept { return current_ == this; }

  /// Runs until `stop` is called. May be called again afterwards.
  void run();

  /// Makes `run` return after the turn in progress. Posted work that has not run stays queued.
  void stop() noexcept;

  /// Runs the function on the loop's thread, in the order of the calls, never inside this call. An
  /// exception that leaves it is logged.
  void post(std::function<void()> function);

  /// Resumes a suspended coroutine on the loop's thread; like `post`, without a wrapper.
  void resume(std::coroutine_handle<> coroutine);

  /// Takes a `resume` back that has not happened: for whoever destroys a coroutine that may be on
  /// its way. On the loop's thread, or while it does not run.
  void withdraw(std::coroutine_handle<> coroutine) noexcept;

  /// The Asio context of this loop, to construct Asio objects on: any Asio operation can be awaited
  /// in a task with <saker/core/asio.hpp>.
  boost::asio::io_context& context() noexcept;

  /// For Saker's own rooms.
  core::loop_state& state() noexcept { return *state_; }

 private:
  friend class core::loop_state;
  static constinit inline thread_local event_loop* current_ = nullptr;

  std::unique_ptr<core::loop_state> state_;
};

/// Starts a task on the loop. The loop owns it from here on. An exception that leaves it is logged.
/// May be called from any thread; the task always begins inside the loop's `run`.
void spawn(event_loop& loop, task<void> work);

/// Suspends the calling task for at least the given time, on the current event loop.
/// A stop request ends the wait early with `std::system_error` (`std::errc::operation_canceled`).
/// Without a current event loop it throws `std::logic_error`.
task<void> delay(std::chrono::nanoseconds duration, std::stop_token stop = {});

/// Suspends the calling task until a stop is requested, or the time is over; true: it is.
///
///     while (!co_await saker::wait_for_stop(context.stopping(), 1s)) {
///       co_await context.response().write("data: tick\n\n");
///     }
///
/// On the current event loop; without one it throws `std::logic_error`.
task<bool> wait_for_stop(std::stop_token stop,
                         std::chrono::nanoseconds at_most = std::chrono::hours(24 * 365));

}  // namespace saker
