#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

#include "io/output_queue.hpp"

namespace saker::io {

/// The sending side of a socket: what waits to be sent, and what the system has taken.
class socket_output {
 public:
  enum class offered : std::uint8_t { declined, taken, failed };

  explicit socket_output(chunk_pool& pool) noexcept : queue_(pool) {}

  bool empty() const noexcept { return queue_.empty(); }
  std::size_t size() const noexcept { return queue_.size(); }
  /// Bytes that the system has taken since the beginning.
  std::uint64_t sent() const noexcept { return sent_; }

  void append(std::span<const std::byte> data) { queue_.append(data); }
  /// Sends what waits, where there is something to send, until the system takes no more, or has
  /// taken so much that others are to have their turn. False: it has failed, and `errno` says why.
  bool send(int descriptor);
  /// Offers data to the system behind what waits, and queues what it does not take; data that are
  /// declined are left to the caller. After a failure `errno` says why.
  offered offer(int descriptor, std::span<const std::byte> head,
                std::span<const std::byte> payload);

  /// The system takes no more until it says so.
  bool is_blocked() const noexcept { return state_ == state::blocked; }
  bool has_to_send() const noexcept { return !queue_.empty() && state_ == state::open; }
  void begin_event() noexcept { sent_at_once_ = 0; }
  void unblock() noexcept {
    if (is_blocked()) state_ = state::open;
  }

  /// The peer has been told that nothing follows.
  bool is_ended() const noexcept { return state_ == state::ended; }
  void end(int descriptor) noexcept;

  /// Nothing reaches the peer any more.
  bool is_failed() const noexcept { return state_ == state::failed; }
  std::error_code error() const noexcept { return error_; }
  void fail(std::error_code error) noexcept;
  void clear() noexcept { queue_.clear(); }

 private:
  enum class state : std::uint8_t { open, blocked, ended, failed };

  void note_sent(std::size_t bytes) noexcept {
    sent_ += bytes;
    sent_at_once_ += static_cast<std::uint32_t>(bytes);
  }

  output_queue queue_;
  std::uint64_t sent_ = 0;
  std::error_code error_;
  std::uint32_t sent_at_once_ = 0;  ///< Bytes, since the last event.
  state state_ = state::open;
};

}  // namespace saker::io
