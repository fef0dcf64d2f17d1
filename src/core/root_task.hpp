#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include <saker/core/task.hpp>

namespace saker::core {

/// Who is told that a root_task has ended; it may destroy the root_task right away.
class task_listener {
 public:
  virtual void on_task_done(std::exception_ptr exception) noexcept = 0;

 protected:
  ~task_listener() = default;
};

/// A task that nobody awaits: it is owned, started, and reports its end to a listener.
class root_task {
 public:
  struct promise_type;
  using handle = std::coroutine_handle<promise_type>;

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(handle self) const noexcept { report(self); }
    void await_resume() const noexcept {}
  };

  struct promise_type {
    task_listener* listener = nullptr;
    std::exception_ptr exception;

    root_task get_return_object() noexcept { return root_task(handle::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }
    void return_void() const noexcept {}
  };

  root_task() noexcept = default;
  root_task(root_task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  root_task& operator=(root_task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~root_task() {
    if (handle_) handle_.destroy();
  }

  static root_task of(task<void> work) { co_await work; }

  /// Runs until the first suspension. The root_task must already be where it stays.
  void start(task_listener& listener) {
    handle_.promise().listener = &listener;
    handle_.resume();
  }
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }
  void destroy() noexcept {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

 private:
  explicit root_task(handle coroutine) noexcept : handle_(coroutine) {}

  // Not inlined: the frame may be gone when it returns.
  [[gnu::noinline]] static void report(handle self) noexcept {
    auto exception = std::move(self.promise().exception);
    self.promise().listener->on_task_done(std::move(exception));
  }

  handle handle_;
};

}  // namespace saker::core
