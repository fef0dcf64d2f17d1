#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "signalr/transports/post_turns.hpp"
#include "signalr/transports/receive_buffer.hpp"
#include "signalr/waiter.hpp"

namespace saker::signalr {

/// What a client has sent and the application has not read. Thread rule: the connection's loop.
///
/// The application is shown bytes where they lie, and says by asking for more that it is done with
/// them. A WebSocket receives directly into the pipe (`space`, `commit`), behind what the
/// application has not asked for yet, until the buffer is full; what POSTs bring is copied in
/// (`append`).
class input_pipe {
 public:
  explicit input_pipe(std::size_t limit) noexcept : limit_(limit) {}
  input_pipe(const input_pipe&) = delete;
  input_pipe& operator=(const input_pipe&) = delete;

  /// The application's side: awaits bytes; none at the end. They are valid until it asks again.
  auto next() {
    struct awaiter {
      input_pipe& pipe;
      waiter::place at;
      bool await_ready() noexcept {
        pipe.shown_ = false;
        if (pipe.buffer_.committed() == 0) pipe.producer_.wake();
        return pipe.has_something();
      }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      std::span<const std::byte> await_resume() {
        at.leave();
        return pipe.show();
      }
    };
    return awaiter{*this, waiter::place(consumer_)};
  }

  /// A WebSocket's side: awaits room to receive into, and gives it: at first, when the application
  /// is done with all that came before. None when it was woken, or interrupted, before there is
  /// any.
  auto space(bool first = false) {
    struct awaiter {
      input_pipe& pipe;
      bool first;
      waiter::place at;
      bool has_space() const noexcept { return first ? pipe.is_free() : pipe.has_space(); }
      bool await_ready() const noexcept { return pipe.is_interrupted_ || has_space(); }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      std::span<std::byte> await_resume() {
        at.leave();
        return has_space() ? pipe.room_for_more() : std::span<std::byte>();
      }
    };
    return awaiter{*this, first, waiter::place(producer_)};
  }
  /// Awaits that the application is done with all, and that nothing is held any more.
  auto all_done() {
    struct awaiter {
      input_pipe& pipe;
      waiter::place at;
      bool await_ready() const noexcept { return pipe.is_interrupted_ || pipe.is_done(); }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      void await_resume() noexcept { at.leave(); }
    };
    return awaiter{*this, waiter::place(producer_)};
  }
  /// Whether the application has taken something that it has not handled.
  void set_held(bool held) noexcept {
    is_held_ = held;
    if (!held) producer_.wake();
  }
  /// The socket has gone: who waits for space goes on without.
  void interrupt() noexcept {
    is_interrupted_ = true;
    producer_.wake();
  }
  bool is_interrupted() const noexcept { return is_interrupted_; }
  /// The application is done with all that has come.
  bool is_free() const noexcept { return !shown_ && buffer_.committed() == 0; }
  bool is_done() const noexcept { return is_free() && !is_held_; }
  /// Another socket comes.
  void allow_waiting() noexcept { is_interrupted_ = false; }
  void commit(std::size_t bytes) {
    if (ending_ == ending::closed) return;
    buffer_.commit(bytes);
    wake_consumer();
  }

  /// A POST's side: takes its turn, copies the bytes, and then `room` awaits that not too many
  /// wait.
  task<void> take_turn() { return posts().turns.take(); }
  void give_back_turn() { posts().turns.give_back(); }
  void append(std::span<const std::byte> data) {
    if (is_finished()) return;
    auto& kept = posts().kept;
    kept.insert(kept.end(), data.begin(), data.end());
    wake_consumer();
  }
  auto room() {
    struct awaiter {
      input_pipe& pipe;
      waiter::place at;
      bool await_ready() const noexcept {
        return pipe.is_finished() || !pipe.posted_ || pipe.posted_->kept.size() < pipe.limit_;
      }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      void await_resume() noexcept { at.leave(); }
    };
    return awaiter{*this, waiter::place(producer_)};
  }

  /// Nothing more comes. What is there is still shown.
  void finish() {
    if (is_finished()) return;
    ending_ = ending::finished;
    producer_.wake();
    wake_consumer();
  }
  bool is_finished() const noexcept { return ending_ != ending::none; }
  /// The application has ended: nobody reads what comes.
  void close() {
    shown_ = false;
    buffer_.drop();
    finish();
    ending_ = ending::closed;
    producer_.wake();
  }
  /// What is committed from here on continues nothing that came before.
  void begin_anew() noexcept { buffer_.begin_anew(); }
  bool take_anew() noexcept { return buffer_.take_anew(); }

 private:
  enum class ending : std::uint8_t {
    none,
    finished,  ///< Nothing more comes.
    closed,    ///< Nobody reads what comes.
  };

  bool has_space() const noexcept { return is_free() || buffer_.has_space(); }
  std::span<std::byte> room_for_more() {
    if (is_free()) buffer_.start_over();
    return buffer_.space();
  }

  bool has_something() const noexcept {
    return buffer_.committed() != 0 || (posted_ && !posted_->kept.empty()) || is_finished();
  }

  std::span<const std::byte> show() {
    if (buffer_.committed() != 0) {
      shown_ = true;
      return buffer_.show();
    }
    if (!posted_) return {};
    posted_->shown = std::exchange(posted_->kept, {});
    shown_ = !posted_->shown.empty();
    if (shown_) producer_.wake();
    return posted_->shown;
  }
  void wake_consumer() noexcept {
    if (has_something()) consumer_.wake();
  }

  /// What POSTs have brought.
  struct posted {
    std::vector<std::byte> kept;
    std::vector<std::byte> shown;
    post_turns turns;
  };
  posted& posts() {
    if (!posted_) posted_ = std::make_unique<posted>();
    return *posted_;
  }

  const std::size_t limit_;
  ending ending_ = ending::none;
  bool shown_ = false;
  bool is_interrupted_ = false;
  bool is_held_ = false;
  receive_buffer buffer_;
  std::unique_ptr<posted> posted_;
  waiter consumer_;
  waiter producer_;
};

}  // namespace saker::signalr
