#pragma once

#include <coroutine>
#include <cstddef>
#include <span>
#include <system_error>
#include <vector>

#include "async/resumption.hpp"

namespace saker::http {

/// Carries a request's body from the protocol to the application. Both ends are on one loop.
///
/// A read that waits gets the bytes directly and goes on at the end of the turn; otherwise they are
/// kept, up to the bound that the protocol enforces by asking `kept`.
class body_pipe {
 public:
  /// What the protocol wants to know about the reader.
  class source {
   public:
    /// The application begins to wait for a body of which nothing has come yet.
    virtual void on_body_wanted() = 0;
    /// Kept bytes were taken: there is room for more.
    virtual void on_body_taken() = 0;

   protected:
    ~source() = default;
  };

  body_pipe(source& from, async::loop_state& loop) noexcept : source_(from), loop_(loop) {}
  body_pipe(const body_pipe&) = delete;
  body_pipe& operator=(const body_pipe&) = delete;

  // The protocol's side.
  void push(std::span<const std::byte> data);
  void finish();
  void fail(std::error_code error);
  std::size_t kept() const noexcept { return kept_.size() - taken_; }
  bool is_open() const noexcept { return !finished_ && !error_; }
  bool has_failed() const noexcept { return static_cast<bool>(error_); }
  bool is_awaited() const noexcept { return waiting_ != nullptr; }

  /// The application's side: awaits at least one byte, or the end (0).
  class read_operation {
   public:
    read_operation(body_pipe& pipe, std::span<std::byte> buffer) noexcept
        : pipe_(pipe), buffer_(buffer) {}
    read_operation(const read_operation&) = delete;
    read_operation& operator=(const read_operation&) = delete;
    ~read_operation() {
      if (pipe_.waiting_ == this) pipe_.waiting_ = nullptr;
    }

    bool await_ready();
    void await_suspend(std::coroutine_handle<> caller);
    std::size_t await_resume() const;

   private:
    friend class body_pipe;
    bool complete();

    body_pipe& pipe_;
    std::span<std::byte> buffer_;
    std::size_t count_ = 0;
    async::resumption caller_;
  };

 private:
  void wake();
  void take(std::size_t bytes);

  source& source_;
  async::loop_state& loop_;
  std::vector<std::byte> kept_;
  std::size_t taken_ = 0;
  bool finished_ = false;
  bool wanted_ = false;
  std::error_code error_;
  read_operation* waiting_ = nullptr;
};

}  // namespace saker::http
