#pragma once

#include <coroutine>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace saker {

template <class T = void>
class task;

namespace async {
class root_task;
}

namespace detail {

/// Is told how a task has ended.
class task_listener {
 public:
  /// Called for a task that nothing awaits; the task may be destroyed right away.
  virtual void on_task_done(std::exception_ptr exception) noexcept = 0;
  /// Called for an awaited task before its awaiter resumes. Resetting the exception turns the
  /// failure into a success.
  virtual void on_task_failed(std::exception_ptr& /*exception*/) noexcept {}

 protected:
  ~task_listener() = default;
};

struct task_final_awaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
    auto& promise = self.promise();
    if (auto continuation = promise.continuation) {
      if (promise.exception && promise.listener) {
        promise.listener->on_task_failed(promise.exception);
      }
      return continuation;
    }
    if (promise.listener) report(promise);
    return std::noop_coroutine();
  }
  void await_resume() const noexcept {}

  // Not inlined: the frame may be gone when it returns.
  template <class Promise>
  [[gnu::noinline]] static void report(Promise& promise) noexcept {
    auto exception = std::move(promise.exception);
    promise.listener->on_task_done(std::move(exception));
  }
};

struct task_promise_base {
  std::coroutine_handle<> continuation;
  task_listener* listener = nullptr;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  task_final_awaiter final_suspend() const noexcept { return {}; }
};

template <class T>
struct task_promise : task_promise_base {
  std::optional<T> value;
  std::exception_ptr exception;

  task<T> get_return_object() noexcept;
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(std::move(exception));
    return std::move(*value);
  }
};

template <>
struct task_promise<void> : task_promise_base {
  std::exception_ptr exception;

  task<void> get_return_object() noexcept;
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  void return_void() const noexcept {}
  void take() {
    if (exception) std::rethrow_exception(std::move(exception));
  }
};

}  // namespace detail

/// Runs a coroutine that returns one result, lazily: the return type of all asynchronous functions
/// in Saker.
///
/// Purpose: `co_await` it inside another task, or start it with saker::spawn or saker::sync_wait.
/// Nothing runs before that. Awaiting transfers control directly, without growing the stack.
///
/// Owner: the task object owns the coroutine. Destroying a suspended task destroys its frame and
/// every local in it: this is how a task is cancelled.
///
/// Thread rule: a task runs on the thread that resumes it. Saker's own operations resume it on the
/// event loop that it awaited on.
///
/// Errors: `co_await` rethrows an exception that leaves the coroutine.
///
/// Example:
/// ```cpp
/// task<int> add(int left, int right) { co_return left + right; }
/// task<int> twice(int value) { co_return co_await add(value, value); }
/// inline const int four = sync_wait(twice(2));
/// ```
template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using value_type = T;

  task() noexcept = default;
  explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() { reset(); }

  /// Returns false for a default-constructed or moved-from task. Such a task<void> counts as ended:
  /// awaiting it completes at once. Awaiting any other such task is undefined.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  auto operator co_await() const noexcept {
    struct awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() const noexcept {
        if constexpr (std::is_void_v<T>) {
          if (!handle) return true;
        }
        return handle.done();
      }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() const {
        if constexpr (std::is_void_v<T>) {
          if (!handle) return;
        }
        return handle.promise().take();
      }
    };
    return awaiter{handle_};
  }

 private:
  friend class async::root_task;

  void reset() noexcept {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
  return task<T>(std::coroutine_handle<task_promise<T>>::from_promise(*this));
}

inline task<void> task_promise<void>::get_return_object() noexcept {
  return task<void>(std::coroutine_handle<task_promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace saker
