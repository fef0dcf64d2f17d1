#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <saker/async/event_loop.hpp>

namespace saker {

/// Hands a result from the side that sets it once to those that await it: .NET's
/// TaskCompletionSource.
///
/// Purpose: a handler hands its socket and a copy of the source to another thread and awaits the
/// source; the other side calls `set_value` when it is finished with the socket.
///
/// Owner: copies share one state. It lives as long as any copy does.
///
/// Thread rule: every member may be called from any thread. An awaiting coroutine resumes on the
/// event loop that it awaited on; without one, on the thread that sets the result.
///
/// Cancellation: destroying an awaiting coroutine withdraws it; do so only on its own loop.
///
/// Errors: `set_value` and `set_exception` throw `std::logic_error` if the result is already set;
/// `try_set_value` and `try_set_exception` return false instead.
///
/// Example:
/// ```cpp
/// completion_source<int> answer;
/// std::thread([answer]() mutable { answer.set_value(42); }).detach();
/// std::printf("%d\n", co_await answer);
/// ```
template <class T = void>
class completion_source {
  struct nothing {};
  using stored = std::conditional_t<std::is_void_v<T>, nothing, T>;

  struct waiter {
    std::coroutine_handle<> coroutine;
    event_loop* loop;
  };

  struct shared_state {
    std::mutex mutex;
    bool completed = false;
    std::optional<stored> value;
    std::exception_ptr exception;
    std::vector<waiter> waiters;
  };

 public:
  completion_source() : state_(std::make_shared<shared_state>()) {}

  template <class... Arguments>
  bool try_set_value(Arguments&&... arguments) {
    return complete([&](shared_state& state) {
      // Parentheses: braces would select the list constructor of some types.
      state.value.emplace(std::forward<Arguments>(arguments)...);
    });
  }

  bool try_set_exception(std::exception_ptr exception) {
    return complete([&](shared_state& state) { state.exception = std::move(exception); });
  }

  template <class... Arguments>
  void set_value(Arguments&&... arguments) {
    if (!try_set_value(std::forward<Arguments>(arguments)...)) throw_already_set();
  }

  void set_exception(std::exception_ptr exception) {
    if (!try_set_exception(std::move(exception))) throw_already_set();
  }

  /// Returns true once a result or an exception is set.
  bool completed() const {
    std::scoped_lock lock(state_->mutex);
    return state_->completed;
  }

  /// Returns the result (a copy, so that several coroutines may await it), or throws the exception
  /// that was set.
  auto operator co_await() const {
    struct awaiter {
      std::shared_ptr<shared_state> state;
      std::coroutine_handle<> waiting;
      event_loop* loop = nullptr;

      explicit awaiter(std::shared_ptr<shared_state> shared) : state(std::move(shared)) {}
      awaiter(const awaiter&) = delete;
      awaiter& operator=(const awaiter&) = delete;
      ~awaiter() {
        if (waiting) withdraw();
      }

      bool await_ready() const {
        std::scoped_lock lock(state->mutex);
        return state->completed;
      }
      bool await_suspend(std::coroutine_handle<> caller) {
        std::scoped_lock lock(state->mutex);
        if (state->completed) return false;
        waiting = caller;
        loop = event_loop::current();
        state->waiters.push_back({caller, loop});
        return true;
      }
      T await_resume() {
        waiting = {};
        if (state->exception) std::rethrow_exception(state->exception);
        if constexpr (!std::is_void_v<T>) return *state->value;
      }
      void withdraw() {
        std::scoped_lock lock(state->mutex);
        const auto erased = std::erase_if(
            state->waiters, [&](const waiter& each) { return each.coroutine == waiting; });
        // The result is set, and the coroutine has been posted to its loop.
        if (erased == 0 && loop) loop->withdraw(waiting);
      }
    };
    return awaiter(state_);
  }

 private:
  template <class Set>
  bool complete(Set&& set) {
    // A resumed coroutine may destroy this object.
    const auto state = state_;
    std::vector<waiter> here;
    {
      std::scoped_lock lock(state->mutex);
      if (state->completed) return false;
      set(*state);
      state->completed = true;
      // Under the lock, so that a withdrawn coroutine is either here or posted to its loop.
      for (const auto& each : std::exchange(state->waiters, {})) {
        if (each.loop) {
          each.loop->resume(each.coroutine);
        } else {
          here.push_back(each);
        }
      }
    }
    for (const auto& each : here) each.coroutine.resume();
    return true;
  }

  [[noreturn]] static void throw_already_set() {
    throw std::logic_error("The result of this completion_source is already set.");
  }

  std::shared_ptr<shared_state> state_;
};

}  // namespace saker
