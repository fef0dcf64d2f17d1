#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <saker/signalr/transports/connection_options.hpp>

#include "signalr/room.hpp"
#include "signalr/transports/waiting_messages.hpp"
#include "signalr/transports/websocket_output.hpp"
#include "signalr/waiter.hpp"

namespace saker::signalr {

class connection;

/// When the client has taken what was sent, in ticks of its loop.
struct client_pace {
  std::uint64_t taken_at = 0;              ///< It took something last, or had all.
  std::uint64_t sent_then = 0;             ///< Bytes that the system had taken for it.
  std::uint64_t unacknowledged_since = 0;  ///< 0: it owes no Ack.
};

/// Who waits for room.
struct waiting_senders {
  std::vector<std::shared_ptr<room_guard>> guards;
  bool are_watched = false;  ///< Those who send to many go on when the client takes nothing.
};

/// What the application has sent and the client has not taken. Thread rule: the connection's loop.
///
/// A WebSocket that keeps up is written to at once. One that does not, and the transports that come
/// and fetch, find the messages in a queue, which is bounded (overflow_policy).
class outbox final {
 public:
  /// What a message counts besides its bytes.
  static constexpr std::size_t message_cost = 128;
  /// A client that has taken nothing for that long keeps nobody waiting who sends to many; one that
  /// fetches, or acknowledges, once in a while is given longer.
  static constexpr std::chrono::milliseconds slow_after{500};
  static constexpr std::chrono::milliseconds slow_to_answer{2500};
  static std::size_t cost_of(std::size_t bytes) noexcept { return bytes + message_cost; }

  outbox(connection& owner, const connection_options& options) noexcept
      : owner_(owner), options_(options) {}
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;

  // The application's side.
  /// Whether so many bytes more fit where so many wait.
  bool has_room(std::size_t waiting, std::size_t bytes) noexcept;
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
  /// The limit that would be passed.
  const char* limit_passed_by(std::size_t waiting, std::size_t bytes) const noexcept;
  /// Whether more waits for the clients of the process than should.
  bool is_process_full() const noexcept;
  /// Whether the client has taken nothing for a while of what waits for it.
  bool is_stuck() noexcept;
  std::size_t waiting() const noexcept { return bytes_; }
  /// The request's guard is held until there is room.
  void hold_until_room(room_request& room);
  task<void> room();
  /// What waits reaches nobody any more.
  void drop_waiting() noexcept;
  /// Whoever waits for room goes on.
  void give_room() noexcept;
  /// Nothing more is sent; when everything is, the transport ends.
  void finish(bool failed);
  bool is_finished() const noexcept {
    return ending_ == ending::finished || ending_ == ending::failed;
  }
  /// Nobody will take anything any more: what waits is dropped, and who waits goes on.
  void abandon() noexcept;
  bool is_empty() const noexcept { return queue_.is_empty(); }
  /// What is sent is kept elsewhere, also while no socket is there, and there is room when who
  /// keeps it says so (stateful reconnect).
  void set_replayed(bool replayed) noexcept { replayed_ = replayed; }
  /// Since when it waits for an Ack; 0: it does not.
  void set_unacknowledged_since(std::uint64_t when) noexcept { pace_.unacknowledged_since = when; }
  std::uint64_t unacknowledged_since() const noexcept { return pace_.unacknowledged_since; }

  // A WebSocket's side.
  void attach(std::shared_ptr<websocket> socket);
  void detach() noexcept;
  const std::shared_ptr<websocket>& socket() const noexcept { return socket_.socket(); }
  /// Behind the socket, where that is on this loop; else null.
  websockets::connection* near() const noexcept { return socket_.near(); }

  // The side of transports that fetch: one at a time.
  enum class event { data, finished, canceled };
  auto wait() {
    struct awaiter {
      outbox& from;
      waiter::place at;
      bool await_ready() const noexcept { return !from.is_empty() || from.is_finished(); }
      void await_suspend(std::coroutine_handle<> caller) noexcept { at.take(caller); }
      event await_resume() noexcept {
        at.leave();
        if (!from.is_empty()) return event::data;
        return from.is_finished() ? event::finished : event::canceled;
      }
    };
    return awaiter{*this, waiter::place(reader_)};
  }
  /// The wait in progress ends with this turn, with what is there then.
  void cancel_wait() noexcept { reader_.wake(); }
  /// Messages of that many bytes in all, or with the last one of more.
  std::vector<shared_message> take(std::size_t bytes);
  /// The client has taken something of what was taken for it.
  void note_taken() noexcept;

  /// For a message to many that comes soon: what it reads of the socket, then of what is behind it.
  void prefetch_socket() const noexcept { socket_.prefetch(); }
  void prefetch_stream() const noexcept { socket_.prefetch_stream(); }

 private:
  enum class ending : std::uint8_t {
    none,
    finished,
    failed,     ///< The application has; finished as well.
    abandoned,  ///< Nobody will take anything any more.
  };

  /// Whether the socket is there and keeps up.
  bool is_direct() const noexcept;
  void push(shared_message message, bool droppable);
  bool make_room(std::size_t bytes);
  bool send_through(const shared_message& message);
  void start_draining();
  task<void> drain(std::shared_ptr<connection> keep, std::shared_ptr<websocket> over);
  task<void> look_after_waiters(std::shared_ptr<connection> keep);
  bool has_impatient_waiters() const noexcept;
  void on_room() noexcept;

  connection& owner_;
  const connection_options& options_;
  websocket_output socket_;
  waiting_messages queue_;
  std::size_t bytes_ = 0;
  client_pace pace_;
  waiter reader_;
  waiting_senders waiters_;
  ending ending_ = ending::none;
  bool draining_ = false;
  bool replayed_ = false;
};

}  // namespace saker::signalr
