#pragma once

#include <coroutine>
#include <utility>

#include "async/loop_state.hpp"

namespace saker::async {

/// The place of a coroutine that waits: whoever wakes it goes on first, and the coroutine is
/// resumed at the end of the turn, when nothing of the waker is on the stack.
///
/// Owner: the awaiter, so that it is destroyed with the coroutine's frame, which takes a wake-up
/// that is under way back. Thread rule: the loop's thread.
class resumption final : private turn_task {
 public:
  void arm(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
  bool is_armed() const noexcept { return waiting_ != nullptr; }
  /// Once; without a coroutine it does nothing.
  void wake(loop_state& loop) noexcept {
    if (waiting_) loop.resume_at_turn_end(*this);
  }

 private:
  void on_turn_end() override { std::exchange(waiting_, {}).resume(); }

  std::coroutine_handle<> waiting_;
};

}  // namespace saker::async
