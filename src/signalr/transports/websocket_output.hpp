#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <saker/websocket/websocket.hpp>

#include "signalr/transports/shared_message.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker::signalr {

/// Sends messages as frames over the WebSocket that carries a connection, while one does.
///
/// Owner: outbox. Thread rule: the connection's loop.
class websocket_output {
 public:
  void attach(std::shared_ptr<websocket> socket) {
    socket_ = std::move(socket);
    near_ = socket_->loop().is_current() ? socket_->shared().get() : nullptr;
  }
  void detach() noexcept {
    socket_.reset();
    near_ = nullptr;
  }
  explicit operator bool() const noexcept { return socket_ != nullptr; }
  const std::shared_ptr<websocket>& socket() const noexcept { return socket_; }
  /// Behind the socket, where that is on this loop; else null.
  websockets::connection* near() const noexcept { return near_; }

  // There must be a socket.
  /// Bytes that wait in it.
  std::size_t waiting() const noexcept {
    return near_ ? near_->buffered_amount() : socket_->buffered_amount();
  }
  bool try_send(std::span<const std::byte> data, websocket_message_type type) {
    return socket_->try_send(data, type, true);
  }
  bool try_send(const shared_message& message) {
    return socket_->try_send(websocket_prepared_message(message));
  }

  /// Offers the message, and all that waits before it for the end of the turn, to the system now,
  /// unless more waits than that: a burst within a turn must not count as a client that is slow.
  bool send_through(const shared_message& message, std::size_t most_waiting) {
    if (!near_ || near_->buffered_amount() >= most_waiting) return false;
    return !near_->can_send() || near_->writer().send_batch(message->frame(), 1, 0, 0);
  }
  /// Bytes that the system has taken, where that is known.
  std::uint64_t taken() const noexcept { return near_ ? near_->sent() : 0; }

  // The socket may have been replaced when these are done.
  static websockets::send_operation send(const websocket& socket, const shared_message& message) {
    return websockets::send_operation(*socket.shared(), message);
  }
  static task<void> close(websocket& socket, bool has_failed) {
    return socket.close(has_failed ? websocket_close_status::internal_server_error
                                   : websocket_close_status::normal_closure);
  }

  /// For a message to many that comes soon: what it reads of the socket, then of what is behind it.
  void prefetch() const noexcept {
    if (near_) near_->prefetch();
  }
  void prefetch_stream() const noexcept {
    if (near_) near_->prefetch_stream();
  }

 private:
  std::shared_ptr<websocket> socket_;
  websockets::connection* near_ = nullptr;
};

}  // namespace saker::signalr
