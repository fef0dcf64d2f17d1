#pragma once

#include <coroutine>

#include <saker/core/event_loop.hpp>

namespace saker::core {

/// Continues the awaiting coroutine on that loop; null means where it is.
class resume_on {
 public:
  explicit resume_on(event_loop* loop) noexcept : loop_(loop) {}
  bool await_ready() const noexcept { return !loop_ || loop_->is_current(); }
  void await_suspend(std::coroutine_handle<> caller) const { loop_->resume(caller); }
  void await_resume() const noexcept {}

 private:
  event_loop* loop_;
};

/// Goes on in a later turn, behind what has been posted: for work that could go on without end.
class next_turn {
 public:
  explicit next_turn(event_loop& loop) noexcept : loop_(loop) {}
  next_turn(const next_turn&) = delete;
  next_turn& operator=(const next_turn&) = delete;
  ~next_turn() {
    if (waiting_) loop_.withdraw(waiting_);
  }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    waiting_ = caller;
    loop_.resume(caller);
  }
  void await_resume() noexcept { waiting_ = {}; }

 private:
  event_loop& loop_;
  std::coroutine_handle<> waiting_;
};

}  // namespace saker::core
