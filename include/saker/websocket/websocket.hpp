#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <saker/core/task.hpp>
#include <saker/websocket/error.hpp>
#include <saker/websocket/message.hpp>
#include <saker/websocket/options.hpp>
#include <saker/websocket/prepared_message.hpp>
#include <saker/websocket/types.hpp>

namespace saker {

class event_loop;

namespace websockets {
class connection;
class message_reader;
class message_writer;
class operation;
class operation_queue;
class receive_operation;
class receive_message_operation;
class send_operation;
class receive_sink;
struct close_payload;
}  // namespace websockets

/// A WebSocket (RFC 6455): a move-only handle to a connection that lives on one event loop.
///
/// Owner: whoever holds the handle; move it to another thread or service to hand the socket over.
/// It must not outlive the web_application, nor the event loop that an operation awaits on.
/// Destroying the handle of an open socket aborts it, unless its handler has just ended: then the
/// peer gets a proper Close, 1000 after a return and 1011 after an exception. A Close that
/// a stop of the server has sent is not taken back.
///
/// Thread rule: every operation may be called from any thread; a coroutine that awaits one
/// continues on the event loop that it awaited on (without one, on the socket's). Sends may be in
/// progress in any number: they queue in order and messages are never mixed. One receive at a
/// time: a second one throws `std::logic_error`. A message sent in several fragments must come
/// from one place; a send in between is its next fragment.
///
/// Back-pressure: `send` completes when fewer bytes wait for the peer than
/// `websocket_options::send_high_water_mark` (64 KiB). With the overflow policies `drop` and
/// `close` it never waits: a message that finds `send_buffer_limit` (1 MiB) reached is dropped, or
/// ends the socket.
///
/// Destroying a coroutine that awaits an operation takes the operation back, on the loop that it
/// awaits on, where that is the socket's. One that awaits on another loop must not be destroyed
/// before it has gone on: end it with its stop token, or with `abort`.
///
/// Cancellation: a stop request ends a pending receive with `std::errc::operation_canceled` and
/// leaves the socket usable; what had already been put into the buffer is given to the next one.
/// Once the peer's end has arrived a receive is not cancelled any more: it completes by itself,
/// with what had come before the end or with the end.
///
/// The end: what has arrived is received first, in order, then the peer's Close or the failure of
/// the connection, whether anybody was receiving when they came or not. Sends fail as soon as
/// nothing reaches the peer any more.
///
/// Errors: websocket_error for what the peer or the network did and for a call in the wrong
/// state; `std::invalid_argument` for a bad argument. Operations are lazy: they begin, and check,
/// when they are awaited; data must stay valid until they have completed.
class websocket {
 public:
  websocket() noexcept = default;
  explicit websocket(std::shared_ptr<websockets::connection> connection) noexcept;
  websocket(websocket&& other) noexcept = default;
  websocket& operator=(websocket&& other) noexcept;
  websocket(const websocket&) = delete;
  websocket& operator=(const websocket&) = delete;
  ~websocket();

  /// False for a default-constructed or moved-from handle, whose operations are undefined.
  explicit operator bool() const noexcept { return connection_ != nullptr; }

  websocket_state state() const noexcept;
  /// The peer's status and text, once its Close has been received.
  std::optional<websocket_close_status> close_status() const;
  std::string close_status_description() const;
  /// The sub-protocol that was accepted; empty when none.
  const std::string& sub_protocol() const noexcept;
  /// The event loop that the socket lives on.
  event_loop& loop() const noexcept;

  /// Receives into the buffer until it is full or a frame ends. An empty buffer waits for data
  /// without taking any. Legal in the states open and close_sent.
  websockets::receive_operation receive(std::span<std::byte> buffer, std::stop_token stop = {});

  /// Receives one whole message, or the peer's Close (`is_close()`). A message larger than
  /// `max_message_size` ends the socket with Close 1009.
  websockets::receive_message_operation receive_message(std::stop_token stop = {});

  /// Sends one frame: a whole message, or a fragment while `end_of_message` is false; further
  /// fragments continue it whatever type they name. Text is sent as it is: it must be UTF-8.
  /// Where compression is agreed, all fragments of a message must have the same
  /// `disable_compression`, else `std::invalid_argument`. Legal in the states open and
  /// close_received. Awaiting it gives true, or false when the overflow policy has dropped the
  /// message.
  websockets::send_operation send(std::span<const std::byte> data, websocket_message_type type,
                                  websocket_send_options options);
  websockets::send_operation send(std::span<const std::byte> data, websocket_message_type type,
                                  bool end_of_message = true);
  /// Sends a text message.
  websockets::send_operation send(std::string_view text, websocket_send_options options = {});

  /// Sends a message that many sockets share.
  websockets::send_operation send(const websocket_prepared_message& message);

  /// Queues a whole message and never waits. True: it will be sent, unless the connection ends
  /// first. False: it will not, because `send_buffer_limit` bytes wait already (with the overflow
  /// policy `close` the socket ends then), or because the state is not open or close_received.
  /// Callable everywhere, without a coroutine. Between the fragments of another message it waits
  /// for the last of them, as long as no more than `send_buffer_limit` bytes do.
  bool try_send(std::span<const std::byte> data, websocket_message_type type,
                bool disable_compression = false);
  bool try_send(std::string_view text, bool disable_compression = false);
  bool try_send(const websocket_prepared_message& message);

  /// Bytes that wait to be sent, as of a moment ago: what the system has not taken, and what
  /// `try_send` has posted from other threads. (Not what suspended `send`s hold.)
  std::size_t buffered_amount() const noexcept;

  /// The closing handshake: sends Close (unless it has been), discards data until the peer's Close
  /// comes, for at most `websocket_options::close_timeout`, and ends the connection. A receive
  /// that is pending meanwhile gets the data and the Close. When the peer does not answer in time,
  /// or vanishes, it throws `connection_closed_prematurely` and the state is aborted. Legal in the
  /// states open, close_received and close_sent.
  /// The text may have 123 bytes of UTF-8. The codes are those that a peer may send as well: 1000
  /// to 1003, 1007 to 1014, 3000 to 4999 (RFC 6455, section 7.4), and `empty`. Anything else throws
  /// `std::invalid_argument`.
  task<void> close(websocket_close_status status = websocket_close_status::normal_closure,
                   std::string_view description = {});

  /// Sends Close and completes; receiving goes on until the peer's Close, or until the peer has
  /// sent nothing for `websocket_options::close_timeout`. Legal in the states open and
  /// close_received (there it ends the connection).
  task<void> close_output(websocket_close_status status = websocket_close_status::normal_closure,
                          std::string_view description = {});

  /// Ends the connection at once, in any state; the peer sees 1006. Pending operations fail with
  /// `std::errc::operation_canceled`.
  void abort() noexcept;

  /// For Saker's own rooms.
  const std::shared_ptr<websockets::connection>& shared() const noexcept { return connection_; }

 private:
  void release() noexcept;

  std::shared_ptr<websockets::connection> connection_;
};

namespace websockets {

/// What the awaiters have in common: who waits, where, and what came of it. Not for direct use:
/// `co_await` what the members of websocket give.
class operation {
 public:
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

 protected:
  explicit operation(connection& socket) noexcept : socket_(&socket) {}
  ~operation() {
    if (posted_) withdraw();
  }

  void rethrow() {
    posted_ = false;
    if (exception_) std::rethrow_exception(std::move(exception_));
  }

  friend class connection;
  friend class message_reader;
  friend class message_writer;
  friend class operation_queue;

  void withdraw() noexcept;

  connection* socket_;
  event_loop* home_ = nullptr;
  std::coroutine_handle<> caller_;
  bool pending_ = false;  ///< The connection knows it.
  bool posted_ = false;   ///< It is on its way to its home.
  std::exception_ptr exception_;
  operation* next_ = nullptr;
};

/// A receive, into a buffer or of a whole message.
class receive_base : public operation {
 protected:
  struct stopping;

  receive_base(connection& socket, std::stop_token stop);
  ~receive_base();

  bool ready();
  void suspend(std::coroutine_handle<> caller);
  void resume();

  friend class message_reader;
  friend class receive_sink;

  bool whole_message_ = false;
  bool has_data_ = false;
  std::uint64_t ticket_ = 0;
  std::stop_token stop_;
  std::unique_ptr<stopping> stopping_;
};

class [[nodiscard]] receive_operation : public receive_base {
 public:
  receive_operation(connection& socket, std::span<std::byte> buffer, std::stop_token stop);
  ~receive_operation();
  bool await_ready() { return ready(); }
  void await_suspend(std::coroutine_handle<> caller) { suspend(caller); }
  websocket_receive_result await_resume();

 private:
  friend class message_reader;
  friend class receive_sink;

  std::span<const std::byte> filled() const noexcept { return buffer_.first(count_); }
  std::span<std::byte> left() const noexcept { return buffer_.subspan(count_); }

  // Of the result; the rest of it would stand in the frame of whoever waits.
  bool end_of_message_ = true;
  websocket_message_type type_ = websocket_message_type::close;
  std::span<std::byte> buffer_;
  std::size_t count_ = 0;
  std::unique_ptr<close_payload> close_;
};

class [[nodiscard]] receive_message_operation : public receive_base {
 public:
  receive_message_operation(connection& socket, std::stop_token stop);
  bool await_ready() { return ready(); }
  void await_suspend(std::coroutine_handle<> caller) { suspend(caller); }
  websocket_message await_resume() {
    resume();
    return std::move(message_);
  }

 private:
  friend class message_reader;
  friend class receive_sink;

  websocket_message message_;
};

class [[nodiscard]] send_operation : public operation {
 public:
  send_operation(connection& socket, std::span<const std::byte> data, websocket_message_type type,
                 websocket_send_options options);
  send_operation(connection& socket, const std::shared_ptr<const prepared>& message);
  ~send_operation();
  bool await_ready();
  void await_suspend(std::coroutine_handle<> caller);
  bool await_resume() {
    rethrow();
    return sent_;
  }

 private:
  friend class message_writer;

  std::size_t size() const noexcept { return data_.size(); }

  std::span<const std::byte> data_;
  websocket_message_type type_;
  websocket_send_options options_;
  bool encoded_ = false;
  bool sent_ = true;
  const std::shared_ptr<const prepared>* prepared_ = nullptr;
};

}  // namespace websockets
}  // namespace saker
