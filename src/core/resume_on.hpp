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

}  // namespace saker::core
