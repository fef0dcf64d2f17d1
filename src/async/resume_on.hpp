#pragma once

#include <coroutine>

#include <saker/async/event_loop.hpp>

namespace saker::async {

/// Goes on in a later turn of the loop, behind what has been posted. A coroutine that is destroyed
/// meanwhile is taken back.
class next_turn {
 public:
  explicit next_turn(event_loop& loop) noexcept : loop_(&loop) {}
  next_turn(const next_turn&) = delete;
  next_turn& operator=(const next_turn&) = delete;
  ~next_turn() {
    if (waiting_) loop_->withdraw(waiting_);
  }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    waiting_ = caller;
    loop_->resume(caller);
  }
  void await_resume() noexcept { waiting_ = {}; }

 protected:
  explicit next_turn(event_loop* loop) noexcept : loop_(loop) {}
  event_loop* loop() const noexcept { return loop_; }

 private:
  event_loop* loop_;
  std::coroutine_handle<> waiting_;
};

/// Continues the awaiting coroutine on that loop; null means where it is.
class resume_on : public next_turn {
 public:
  explicit resume_on(event_loop* loop) noexcept : next_turn(loop) {}
  bool await_ready() const noexcept { return !loop() || loop()->is_current(); }
};

}  // namespace saker::async
