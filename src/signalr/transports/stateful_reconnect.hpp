#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "signalr/transports/message_buffer.hpp"

namespace saker::signalr {

class connection;
class connection_application;

/// Decorates the output of a connection whose client may come back with another WebSocket: numbers
/// the messages of both sides, keeps those that the client has not acknowledged, and sends them
/// again when it is back. Where stateful reconnect was not agreed on there is none.
///
/// Owner: the application's output. Thread rule: the connection's loop.
class stateful_reconnect {
 public:
  stateful_reconnect(connection& on, connection_application& application, std::size_t limit);
  stateful_reconnect(const stateful_reconnect&) = delete;
  stateful_reconnect& operator=(const stateful_reconnect&) = delete;

  // As the output that it stands before.
  bool admit(std::size_t bytes);
  void write(shared_message message);
  bool congested() const noexcept;
  std::size_t waiting() const noexcept { return buffer_.size(); }

  /// The client has processed all up to that number.
  void acknowledge(std::int64_t number);
  /// No Ack will come any more.
  void end_acknowledging();
  /// Whether the client owes an Ack for longer than that.
  bool is_overdue(std::chrono::milliseconds patience) const noexcept;
  /// Another WebSocket carries the connection. Returns the number of the first message that is sent
  /// again, by `resend`.
  std::int64_t begin_anew();
  void resend() { send_on(); }

  // What the client sends.
  bool should_process() noexcept { return buffer_.should_process(); }
  /// Throws named_error when messages are missing before that number.
  void resume_at(std::int64_t number);
  /// See message_buffer.
  std::int64_t take_ack(std::size_t waiting) noexcept { return buffer_.take_ack(waiting); }
  std::int64_t ack_again() const noexcept { return buffer_.ack_again(); }

 private:
  void send_on();

  connection& on_;
  connection_application& application_;
  message_buffer buffer_;
};

}  // namespace saker::signalr
