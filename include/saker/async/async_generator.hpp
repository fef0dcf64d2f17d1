#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace saker {

/// Produces a sequence of values in a coroutine that may wait between them: .NET's
/// IAsyncEnumerable. `co_yield` produces a value; `co_await` works as in a task.
///
/// Purpose: the return type of a streaming hub method.
///
/// Consume it with `next`, in a loop as in the example: g++ 12 destroys what a `co_await` in the
/// condition of a loop returns twice.
///
/// Owner: the generator object owns the coroutine. Nothing runs before the first `next`, nor
/// between a value and the `next` that requests another one.
///
/// Cancellation: destroying a generator destroys its frame and every local in it. Destroy it only
/// while it is not running, on the event loop that consumes it.
///
/// Thread rule: that of a task. One `next` at a time.
///
/// Errors: `next` throws an exception that leaves the coroutine, and returns the end from then on.
///
/// Example:
/// ```cpp
/// async_generator<int> numbers(int count) {
///   for (int i = 0; i < count; ++i) co_yield i;
/// }
///
/// task<int> sum() {
///   auto values = numbers(10);
///   int total = 0;
///   for (;;) {
///     const auto value = co_await values.next();
///     if (!value) break;
///     total += *value;
///   }
///   co_return total;
/// }
/// ```
template <class T>
class [[nodiscard]] async_generator {
 public:
  class promise_type;
  using value_type = T;

  async_generator() noexcept = default;
  explicit async_generator(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  async_generator(async_generator&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  async_generator& operator=(async_generator&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  async_generator(const async_generator&) = delete;
  async_generator& operator=(const async_generator&) = delete;
  ~async_generator() { reset(); }

  /// Returns false for a default-constructed or moved-from generator, whose `next` returns the end.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  /// Awaits the next value; returns nothing at the end.
  auto next() noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() const noexcept { return !handle || handle.done(); }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        handle.promise().consumer_ = caller;
        return handle;
      }
      std::optional<T> await_resume() const {
        if (!handle) return std::nullopt;
        return handle.promise().take();
      }
    };
    return awaiter{handle_};
  }

 private:
  void reset() noexcept {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  std::coroutine_handle<promise_type> handle_;
};

template <class T>
class async_generator<T>::promise_type {
 public:
  async_generator get_return_object() noexcept {
    return async_generator(std::coroutine_handle<promise_type>::from_promise(*this));
  }
  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct to_consumer {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
      return self.promise().consumer_;
    }
    void await_resume() const noexcept {}
  };

  to_consumer yield_value(T value) {
    value_.emplace(std::move(value));
    return {};
  }
  to_consumer final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void return_void() const noexcept {}

 private:
  friend class async_generator;

  std::optional<T> take() {
    if (exception_) std::rethrow_exception(std::exchange(exception_, {}));
    return std::exchange(value_, std::nullopt);
  }

  std::coroutine_handle<> consumer_;
  std::optional<T> value_;
  std::exception_ptr exception_;
};

}  // namespace saker
