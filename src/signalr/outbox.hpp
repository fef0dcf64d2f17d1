#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <saker/core/completion_source.hpp>
#include <saker/signalr/connection_options.hpp>
#include <saker/websocket/websocket.hpp>

#include "signalr/waiter.hpp"
#include "signalr/waiting_messages.hpp"
#include "websocket/prepared.hpp"

namespace saker::signalr {

class connection;

/// Whole messages of the application as the transports carry them: text or binary, framed for
/// WebSockets already, shared by all who get the same.

shared_message share(std::span<const std::byte> data, websocket_message_type type);

/// What keeps somebody waiting who wants to send: when the last holder lets go, the wait is over.
class room_guard {
 public:
  room_guard() = default;
  room_guard(const room_guard&) = delete;
  room_guard& operator=(const room_guard&) = delete;
  ~room_guard() { source_.try_set_value(); }
  completion_source<> source() const { return source_; }

 private:
  completion_source<> source_;
};

/// What the application has sent and the client has not taken. Thread rule: the connection's loop.
///
/// A WebSocket that keeps up is written to at once. One that does not, and the transports that come
/// and fetch, find the messages in a queue, which is bounded (overflow_policy).
class outbox final {
 public:
  /// What a message counts besides its bytes.
  static constexpr std::size_t message_cost = 128;
  static std::size_t cost_of(std::size_t bytes) noexcept { return bytes + message_cost; }

  outbox(connection& owner, const connection_options& options) noexcept
      : owner_(owner), options_(options) {}
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;

  // The application's side.
  /// Whether there is room for a message that may be dropped; if not, the policy has been followed.
  bool admit(std::size_t bytes);
  void write(std::span<const std::byte> data, websocket_message_type type);
  /// One that `admit` has let in may be dropped later.
  void write(const shared_message& message, bool droppable);
  /// The same, for one of very many who get it: it goes to the system now and not at the end of the
  /// turn, until when thousands of copies would have to be kept.
  void write_through(const shared_message& message);
  /// From here on whoever sends more should wait.
  bool congested() const noexcept {
    return socket_ ? bytes_ != 0 : bytes_ >= options_.transport_max_buffer_size;
  }
  /// Held until that is over.
  void hold_until_room(std::shared_ptr<room_guard> guard) { waiters_.push_back(std::move(guard)); }
  task<void> room();
  /// What waits reaches nobody any more.
  void drop_waiting() noexcept;
  /// Whoever waits for room goes on without.
  void give_up_room() noexcept { give_room(); }
  /// Nothing more is sent; when everything is, the transport ends.
  void finish(bool failed);
  bool is_finished() const noexcept { return finished_; }
  /// Nobody will take anything any more: what waits is dropped, and who waits goes on.
  void abandon() noexcept;
  bool is_empty() const noexcept { return queue_.is_empty(); }
  /// What is sent while no socket is there is kept elsewhere (stateful reconnect).
  void set_replayed(bool replayed) noexcept { replayed_ = replayed; }

  // A WebSocket's side.
  void attach(std::shared_ptr<websocket> socket);
  void detach() noexcept;
  const std::shared_ptr<websocket>& socket() const noexcept { return socket_; }
  /// Behind the socket, where that is on this loop; else null.
  websockets::connection* near() const noexcept { return near_; }

  // The side of transports that fetch: one at a time.
  enum class event { data, finished, canceled };
  auto wait() {
    struct awaiter {
      outbox& from;
      waiter::place at;
      bool await_ready() const noexcept { return !from.is_empty() || from.finished_; }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      event await_resume() noexcept {
        at.leave();
        if (!from.is_empty()) return event::data;
        return from.finished_ ? event::finished : event::canceled;
      }
    };
    return awaiter{*this, waiter::place(reader_)};
  }
  /// The wait in progress ends with this turn, with what is there then.
  void cancel_wait() noexcept { reader_.wake(); }
  std::vector<shared_message> take_all();

  /// For a message to many that comes soon: what it reads of the socket, then of what is behind it.
  void prefetch_socket() const noexcept;
  void prefetch_stream() const noexcept;

 private:
  /// Whether the socket is there and keeps up.
  bool is_direct() const noexcept;
  void push(shared_message message, bool droppable);
  bool make_room(std::size_t bytes);
  bool send_through(const shared_message& message);
  void start_draining();
  task<void> drain(std::shared_ptr<connection> keep, std::shared_ptr<websocket> socket);
  void give_room() noexcept;

  connection& owner_;
  const connection_options& options_;
  std::shared_ptr<websocket> socket_;
  websockets::connection* near_ = nullptr;  ///< Behind the socket, where that is on this loop.
  waiting_messages queue_;
  std::size_t bytes_ = 0;
  waiter reader_;
  std::vector<std::shared_ptr<room_guard>> waiters_;
  bool draining_ = false;
  bool finished_ = false;
  bool failed_ = false;
  bool abandoned_ = false;
  bool replayed_ = false;
};

}  // namespace saker::signalr
