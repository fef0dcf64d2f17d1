#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "signalr/transports/outbox.hpp"
#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {

/// What a client has not acknowledged yet, for stateful reconnect: kept until it has, and sent
/// again when another WebSocket carries the connection. Also counts what the client sends.
/// Without I/O. Thread rule: the connection's loop.
class message_buffer {
 public:
  explicit message_buffer(std::size_t limit) noexcept : limit_(limit) {}

  // What we send. Numbers begin with 1.
  void add(shared_message message);
  /// The next message to send, or null: everything is sent, or too much waits for an Ack.
  shared_message next();
  /// All up to that number have been processed by the client. False: none of those was left.
  bool acknowledge(std::int64_t number);
  /// No Ack will come any more: all can be sent.
  void lift_limit() noexcept { limit_ = static_cast<std::size_t>(-1); }
  /// From the first one that has not been acknowledged, whose number this is, all are to be sent
  /// again.
  std::int64_t begin_anew();
  /// What it holds, with what each message costs besides its bytes.
  std::size_t size() const noexcept { return bytes_; }
  /// Whether messages wait that cannot be sent yet.
  bool is_blocked() const noexcept { return sent_ < messages_.size(); }

  // What the client sends.
  /// A counted message has come: false when it was processed before.
  bool should_process() noexcept;
  /// The number of the next message that comes. False: some are missing.
  bool resume_at(std::int64_t number) noexcept;
  /// The number to acknowledge while so many messages that have come still wait, or 0 when that has
  /// been done.
  std::int64_t take_ack(std::size_t waiting) noexcept;
  /// What was acknowledged last, or 0.
  std::int64_t ack_again() const noexcept { return acknowledged_; }

 private:
  std::size_t limit_;
  std::deque<shared_message> messages_;
  std::size_t sent_ = 0;  ///< Of messages_, how many.
  std::size_t bytes_ = 0;
  std::size_t sent_bytes_ = 0;
  std::int64_t first_ = 1;  ///< The number of the first of messages_.
  waiting_bytes counted_;

  std::int64_t next_received_ = 1;
  std::int64_t processed_ = 0;
  std::int64_t acknowledged_ = 0;
};

}  // namespace saker::signalr
