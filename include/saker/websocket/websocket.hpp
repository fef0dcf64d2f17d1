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

#include <saker/async/task.hpp>
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
class send_message_operation;
class receive_sink;
class socket_core;
struct close_payload;
}  // namespace websockets

/// Sends and receives messages over a WebSocket (RFC 6455): a move-only handle to a connection that
/// lives on one event loop.
///
/// Owner: the holder of the handle; move it to another thread or service to hand the socket over.
/// It must not outlive the web_application, nor the event loop that an operation awaits on.
/// Destroying the handle of an open socket aborts it, unless its handler has just ended: then the
/// peer receives a Close, 1000 after a return and 1011 after an exception. A Close already sent
/// because the server stops is not replaced.
///
/// Thread rule: every operation may be called from any thread; a coroutine that awaits one resumes
/// on the event loop that it awaited on (on the socket's loop, if it awaited on none). Any number
/// of sends may be in progress: they queue in order and messages are never interleaved. One receive
/// at a time: a second one throws `std::logic_error`. The fragments of one message must come from
/// one place, because a send in between counts as its next fragment.
///
/// Back-pressure: `send` completes when fewer than `websocket_options::send_high_water_mark` (64
/// KiB) bytes wait for the peer. With the overflow policies `drop_newest` and `disconnect` it never
/// waits: at `send_buffer_limit` (1 MiB) the message is dropped, or the socket ends.
///
/// Destroying a coroutine that awaits an operation withdraws the operation, if the coroutine awaits
/// on the socket's loop and is destroyed there. A coroutine that awaits on another loop must not be
/// destroyed before it has resumed: end its wait with its stop token, or with `abort`.
///
/// Cancellation: a stop request ends a pending receive with `std::errc::operation_canceled` and
/// leaves the socket usable; bytes already written to the buffer are returned by the next receive.
/// Once the peer's Close or the end of the connection has arrived, a receive is no longer
/// cancelled: it completes with the data before the end, or with the end.
///
/// The end: data that has arrived is received first, in order, then the peer's Close or the failure
/// of the connection, whether or not a receive was pending when they arrived. Sends fail as soon as
/// nothing reaches the peer any more.
///
/// Errors: websocket_error for a fault of the peer or the network and for a call in the wrong
/// state; `std::invalid_argument` for a bad argument. Operations are lazy: they start, and check
/// their arguments, when they are awaited; the data must stay valid until they complete.
///
/// Example:
/// ```cpp
/// app.map_websocket("/echo", [](websocket each) -> task<void> {
///   for (;;) {
///     const auto message = co_await each.receive_message();
///     if (message.is_close()) break;
///     co_await each.send(message);
///   }
///   co_await each.close();
/// });
/// ```
class websocket {
 public:
  websocket() noexcept = default;
  explicit websocket(std::shared_ptr<websockets::connection> connection) noexcept;
  websocket(websocket&& other) noexcept = default;
  websocket& operator=(websocket&& other) noexcept;
  websocket(const websocket&) = delete;
  websocket& operator=(const websocket&) = delete;
  ~websocket();

  /// Returns false for a default-constructed or moved-from handle, on which operations are
  /// undefined.
  explicit operator bool() const noexcept { return connection_ != nullptr; }

  websocket_state state() const noexcept;
  /// Returns the peer's status and description, once its Close has been received.
  std::optional<websocket_close_status> close_status() const;
  std::string close_status_description() const;
  /// Returns the accepted sub-protocol; empty if none.
  const std::string& sub_protocol() const noexcept;
  /// Returns the event loop that the socket lives on.
  event_loop& loop() const noexcept;

  /// Receives into the buffer until it is full or a frame ends. With an empty buffer, waits for
  /// data and consumes none. Valid in the states open and close_sent.
  websockets::receive_operation receive(std::span<std::byte> buffer, std::stop_token stop = {});

  /// Receives one whole message, or the peer's Close (`is_close()`). A message larger than
  /// `max_message_size` ends the socket with Close 1009.
  websockets::receive_message_operation receive_message(std::stop_token stop = {});

  /// Sends one frame: a whole message, or a fragment if `end_of_message` is false. Later fragments
  /// continue the message, whatever type they name. Text is sent unchecked: it must be UTF-8. Where
  /// compression was negotiated, all fragments of a message must have the same
  /// `disable_compression`, else `std::invalid_argument`. Valid in the states open and
  /// close_received. Awaiting it returns true, or false when the overflow policy dropped the
  /// message.
  websockets::send_operation send(std::span<const std::byte> data, websocket_message_type type,
                                  websocket_send_options options);
  websockets::send_operation send(std::span<const std::byte> data, websocket_message_type type,
                                  bool end_of_message = true);
  /// Sends a text message.
  websockets::send_operation send(std::string_view text, websocket_send_options options = {});

  /// Sends a message shared by many sockets.
  websockets::send_operation send(const websocket_prepared_message& message);

  /// Sends a received message as it is, text as text and binary as binary. The message must stay
  /// valid until the operation completes; one that is moved in is kept by the operation.
  websockets::send_operation send(const websocket_message& message);
  websockets::send_message_operation send(websocket_message&& message);

  /// Queues a whole message and never waits. Returns true when the message will be sent unless the
  /// connection ends first. Returns false when it will not be sent, because `send_buffer_limit`
  /// bytes already wait (with the overflow policy `disconnect` the socket then ends), or because
  /// the state is neither open nor close_received. Needs no coroutine. Between the fragments of
  /// another message, the message waits for the last fragment, as long as no more than
  /// `send_buffer_limit` bytes wait.
  bool try_send(std::span<const std::byte> data, websocket_message_type type,
                bool disable_compression = false);
  bool try_send(std::string_view text, bool disable_compression = false);
  bool try_send(const websocket_prepared_message& message);

  /// Returns the number of bytes that wait to be sent, as of a moment ago: those that the system
  /// has not taken, and those that `try_send` posted from other threads. (Data of suspended `send`s
  /// does not count.)
  std::size_t buffered_amount() const noexcept;

  /// Performs the closing handshake (RFC 6455, section 7): sends Close unless already sent,
  /// discards data until the peer's Close arrives, for at most `websocket_options::close_timeout`,
  /// and ends the connection. A pending receive still receives the data and the Close. If the peer
  /// does not answer in time, or vanishes, `close` throws `connection_closed_prematurely` and the
  /// state is aborted. Valid in the states open, close_received and close_sent.
  /// The description may have 123 bytes of UTF-8. The codes are those that a peer may send too:
  /// 1000 to 1003, 1007 to 1014, 3000 to 4999 (RFC 6455, section 7.4), and `empty`. Anything else
  /// throws `std::invalid_argument`.
  task<void> close(websocket_close_status status = websocket_close_status::normal_closure,
                   std::string_view description = {});

  /// Sends Close and completes. Receiving continues until the peer's Close, or until the peer has
  /// sent nothing for `websocket_options::close_timeout`. Valid in the states open and
  /// close_received (in close_received it ends the connection).
  task<void> close_output(websocket_close_status status = websocket_close_status::normal_closure,
                          std::string_view description = {});

  /// Ends the connection at once, in any state; the peer sees 1006. Pending operations fail with
  /// `std::errc::operation_canceled`.
  void abort() noexcept;

  /// Internal: for Saker itself.
  const std::shared_ptr<websockets::connection>& shared() const noexcept { return connection_; }

 private:
  void release() noexcept;

  std::shared_ptr<websockets::connection> connection_;
};

namespace websockets {

/// The common part of the awaitable operations: the waiting coroutine, its loop, and the outcome.
/// Not for direct use: `co_await` what the members of websocket return.
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
  friend class socket_core;

  void withdraw() noexcept;

  connection* socket_;
  event_loop* home_ = nullptr;
  std::coroutine_handle<> caller_;
  bool pending_ = false;  ///< The connection knows it.
  bool posted_ = false;   ///< Posted to its home loop, not yet resumed there.
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

  // Parts of the result; a whole result would enlarge the frame of the awaiting coroutine.
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

/// A send that owns its message.
class [[nodiscard]] send_message_operation : public send_operation {
 public:
  send_message_operation(connection& socket, websocket_message&& message)
      : send_operation(socket, message.bytes(), message.type(), {}), message_(std::move(message)) {}

 private:
  websocket_message message_;
};

}  // namespace websockets
}  // namespace saker
