#pragma once

#include <coroutine>

#include "async/resumption.hpp"

namespace saker::signalr {

/// What one coroutine waits for. Who wakes it goes on first; the coroutine is resumed at the end of
/// the turn. Destroying the coroutine, or this, ends the wait.
///
/// Owner: what the coroutine waits for. Thread rule: the loop that the coroutine waits on.
class waiter {
 public:
  waiter() = default;
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    if (place_) place_->of_ = nullptr;
  }

  bool is_waiting() const noexcept { return place_ != nullptr; }
  /// Without anybody who waits it does nothing.
  void wake() noexcept {
    if (place_) place_->resumption_.wake(event_loop::current()->state());
  }

  /// The awaiter's part.
  class place {
   public:
    explicit place(waiter& of) noexcept : of_(&of) {}
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() { leave(); }

    void take(std::coroutine_handle<> caller) noexcept {
      of_->place_ = this;
      resumption_.arm(caller);
    }
    /// The wait is over.
    void leave() noexcept {
      if (of_ && of_->place_ == this) of_->place_ = nullptr;
    }

   private:
    friend class waiter;
    waiter* of_;
    async::resumption resumption_;
  };

  /// Waits until somebody wakes it.
  auto wait() noexcept {
    struct awaiter {
      place at;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      void await_resume() noexcept { at.leave(); }
    };
    return awaiter{place(*this)};
  }

 private:
  place* place_ = nullptr;
};

}  // namespace saker::signalr
