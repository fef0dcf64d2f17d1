#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <saker/websocket/websocket.hpp>

#include "websocket/frame.hpp"
#include "websocket/writer/message_deflater.hpp"
#include "websocket/writer/operation_queue.hpp"
#include "websocket/writer/prepared.hpp"

namespace saker::websockets {

class socket_core;

/// The sending half of a WebSocket: messages wait for room, are compressed, and become frames.
///
/// Owner: the connection. Thread rule: the loop's thread, but for the members that say otherwise.
class message_writer {
 public:
  explicit message_writer(socket_core& socket) noexcept : socket_(socket) {}
  message_writer(const message_writer&) = delete;
  message_writer& operator=(const message_writer&) = delete;

  /// What a message that waits outside the stream counts for: an empty one is not free.
  static std::size_t cost_of(std::size_t bytes) noexcept {
    constexpr std::size_t least = 128;
    return std::max(bytes, least);
  }

  // From any thread.
  /// Makes room for a message that is posted; false: there is none.
  bool reserve(std::size_t bytes) noexcept;
  /// What was reserved has been written.
  void release(std::size_t bytes) noexcept { posted_ -= cost_of(bytes); }
  std::size_t posted() const noexcept { return posted_.load(); }

  // On the loop. `begin` returns true when it has completed at once.
  bool begin(send_operation& operation);
  void withdraw(send_operation& operation) noexcept { sends_.erase(operation); }
  bool is_blocked() const noexcept { return !sends_.empty(); }
  /// The stream has room again.
  void resume();
  /// Ends the sends that wait.
  void fail(const std::exception_ptr& exception) noexcept;
  /// The same in front of a Close, which what has been framed already precedes.
  void fail_unframed(const std::exception_ptr& exception) noexcept;

  // Sends that never wait.
  bool try_send(std::span<const std::byte> data, websocket_message_type type,
                bool disable_compression, bool reserved);
  bool try_send(const std::shared_ptr<const prepared>& message, bool reserved);
  /// Returns false when there is no room.
  bool send_shared(const std::shared_ptr<const prepared>& message);
  /// Frames that are joined already. Returns false when they must go one by one.
  bool send_batch(std::span<const std::byte> frames, std::size_t count, std::size_t compressed,
                  std::size_t uncompressed);
  void count_dropped() noexcept;
  void end_overflowing();

  /// Which bytes it sends of a prepared message: 0 the plain frame, else by its window.
  std::size_t frame_variant() const noexcept;
  std::span<const std::byte> frame_of(const prepared& message) const;

  // Control frames.
  void write_control(opcode code, std::span<const std::byte> payload);
  /// Answers a ping, as soon as the peer takes something.
  void answer_ping(std::span<const std::byte> payload);
  bool is_congested() const noexcept;

  /// Nothing is sent any more.
  void end() noexcept;

 private:
  /// The message that is being sent.
  enum class outgoing : std::uint8_t {
    none,
    compressible,
    raw,      ///< With `disable_compression`.
    dropped,  ///< A fragment found no room; the others share its fate.
  };

  /// What waits for the last fragment of another message.
  struct deferred_messages {
    std::vector<std::shared_ptr<const prepared>> messages;
    std::size_t bytes = 0;
  };

  bool has_open_message() const noexcept {
    return outgoing_ == outgoing::compressible || outgoing_ == outgoing::raw;
  }
  bool fits(std::size_t before, std::size_t bytes) const noexcept;
  bool has_room_for(std::size_t bytes) const noexcept;
  bool make_room_for(send_operation& operation);
  bool accept_now(std::size_t bytes, bool reserved);
  void overflow();
  void encode(send_operation& operation);
  bool defer(std::shared_ptr<const prepared> message);
  bool send_prepared(const std::shared_ptr<const prepared>& message);
  void write_prepared(const prepared& message);
  void write_message(std::span<const std::byte> data, websocket_message_type type,
                     const websocket_send_options& options);
  void write_fragment(std::span<const std::byte> data, websocket_message_type type,
                      const websocket_send_options& options);
  bool write_compressed(std::span<const std::byte> data, opcode code, bool first, bool last);
  void write_deferred();
  void await_room() noexcept;
  void count_foreign(std::size_t bytes, std::size_t frames, std::size_t compressed,
                     std::size_t uncompressed) noexcept;
  void write_frame(const encoded_header& header, std::span<const std::byte> payload);

  socket_core& socket_;
  outgoing outgoing_ = outgoing::none;
  std::atomic<bool> overflow_posted_ = false;
  std::atomic<std::size_t> posted_ = 0;
  operation_queue sends_;  ///< That wait for the peer.
  message_deflater deflating_;
  std::unique_ptr<deferred_messages> deferred_;
  std::unique_ptr<std::string> unanswered_ping_;
};

}  // namespace saker::websockets
