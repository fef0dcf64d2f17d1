#pragma once

#include <coroutine>
#include <utility>

#include "async/resumption.hpp"

namespace saker::websockets {

/// Those that wait for the end of the closing handshake. Everything on the socket's loop.
class close_wait {
 public:
  explicit close_wait(close_wait*& first) noexcept : first_(first) {}
  close_wait(const close_wait&) = delete;
  close_wait& operator=(const close_wait&) = delete;
  ~close_wait() {
    for (auto** each = &first_; *each; each = &(*each)->next_) {
      if (*each != this) continue;
      *each = next_;
      return;
    }
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) noexcept {
    caller_.arm(caller);
    next_ = std::exchange(first_, this);
  }
  void await_resume() const noexcept {}

  static void wake(close_wait*& first, async::loop_state& loop) noexcept {
    while (auto* const waiting = first) {
      first = std::exchange(waiting->next_, nullptr);
      waiting->caller_.wake(loop);
    }
  }

 private:
  close_wait*& first_;
  close_wait* next_ = nullptr;
  async::resumption caller_;
};

}  // namespace saker::websockets
