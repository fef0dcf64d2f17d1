#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>

#include <saker/websocket/websocket.hpp>

#include "async/turn_share.hpp"
#include "websocket/reader/inbox.hpp"
#include "websocket/reader/incoming_frame.hpp"
#include "websocket/reader/receive_sink.hpp"
#include "websocket/socket_core.hpp"

namespace saker::websockets {

struct inflating;

/// The receiving half of a WebSocket: bytes become frames, frames are inflated and checked, and go
/// to whoever receives, or into the inbox as far as `receive_read_ahead` allows.
///
/// Owner: the connection. Thread rule: the loop's thread, but for the members that say otherwise.
class message_reader {
 public:
  message_reader(socket_core& socket, bool compression) noexcept;
  ~message_reader();
  message_reader(const message_reader&) = delete;
  message_reader& operator=(const message_reader&) = delete;

  // The stream. On the loop, as all that does not say otherwise.
  std::size_t read(std::span<std::byte> data);
  std::size_t budget() const noexcept { return share_.is_used_up() ? 0 : room(); }
  /// The same, leaving aside that others have their turn.
  std::size_t room() const noexcept;
  /// The peer sends nothing more; what it sent may wait in the stream. From any thread.
  bool end_has_arrived() const noexcept { return end_arrived_.load(std::memory_order_acquire); }
  void note_end_arrived() noexcept { end_arrived_ = true; }

  // Receives. `begin` returns true when it has completed at once.
  bool begin(receive_base& operation);
  /// From any thread.
  std::uint64_t next_ticket() noexcept { return ++last_ticket_; }
  void cancel(std::uint64_t ticket);
  void withdraw(receive_base& operation) noexcept;
  /// Ends the receive that waits, if any.
  void fail(const std::exception_ptr& exception) noexcept;
  bool is_receiving() const noexcept { return receive_ || put_off_; }
  /// Received, and not by the application.
  bool has_unread() const noexcept { return inbox_ && !inbox_->empty(); }

  // The end.
  /// Nothing else comes; it shows when what has come has been received, or never will be.
  void end(const input_end& how);
  bool has_end() const noexcept { return end_ != nullptr; }
  /// Lets the end show now.
  void reach_end();
  /// Shows the peer's Close to the receive that waits, and returns it to be completed; null: none.
  receive_base* show_close();
  /// From now on only a receive that waits is served.
  void discard();
  bool is_discarding() const noexcept { return keeping_ != keeping::all; }
  /// Nothing of the input is of interest any more.
  void drop_unread() noexcept { inbox_.reset(); }
  void drop_end() noexcept { end_.reset(); }

 private:
  /// What becomes of the input.
  enum class keeping : std::uint8_t {
    all,                    ///< What nobody receives is read ahead.
    received,               ///< What nobody receives is discarded.
    received_uncompressed,  ///< The same, and no compressed data: some were discarded, so that
                            ///< the rest cannot be inflated.
  };

  /// A piece of a compressed frame, unmasked.
  struct compressed_piece {
    std::span<const std::byte> data;  ///< What of it is not inflated yet.
    websocket_message_type type;
    bool end_of_frame;
    bool end_of_message;
    bool used_up;  ///< All of it is inflated and delivered.
  };

  // Frames.
  std::size_t read_frames(std::span<std::byte> data);
  std::size_t take_payload(std::span<std::byte> data);
  void begin_frame();
  void end_frame();
  bool deliver(std::span<const std::byte> data);
  void take_control(std::span<const std::byte> masked);
  bool ignores_input() const noexcept;
  /// Whether the message goes to nobody: a part of it is missing, or no one waits for it.
  bool is_unwanted() const noexcept { return frame_.has_gap() || (is_discarding() && !receive_); }
  inbox& ahead();
  /// False: too large, and that was the socket's end.
  bool check_size(std::uint64_t more) {
    const receive_sink target(*receive_);
    if (!target.takes_whole_message()) return true;
    const auto most = socket_.options().max_message_size;
    if (more <= most && target.gathered().size() + more <= most) return true;
    refuse_size();
    return false;
  }
  void refuse_text();
  void refuse_size();
  void finish_receive();

  // Compressed messages.
  void take_compressed(std::span<std::byte> data);
  bool inflate(compressed_piece& piece);
  bool inflate_message(compressed_piece& piece);
  bool inflate_part(compressed_piece& piece);
  bool inflate_front();
  bool is_put_off();
  bool accept_inflated(std::span<const std::byte> data, const compressed_piece& piece);
  bool end_piece(compressed_piece& piece);
  std::unique_ptr<inflating> take_inflater();

  // Receives.
  void require_receivable() const;
  bool continue_receive(receive_base& operation);
  bool receive_more(receive_base& operation);
  void read_ahead();
  void read_inbox(receive_operation& operation);
  void read_inbox_message(receive_message_operation& operation);
  void keep_partial(receive_base& operation, bool was_put_off);
  void forget_unread();
  void take_share(std::size_t cost);
  void use_share(std::size_t cost);
  void renew_share();

  socket_core& socket_;
  incoming_frame frame_;
  keeping keeping_ = keeping::all;
  std::atomic<bool> end_arrived_ = false;
  async::turn_share share_;
  std::atomic<std::uint64_t> last_ticket_ = 0;
  receive_base* receive_ = nullptr;
  receive_base* put_off_ = nullptr;  ///< Begins in a later turn.
  std::unique_ptr<inbox> inbox_;
  std::unique_ptr<inflating> inflating_;  ///< During a message; with context takeover from then on.
  std::unique_ptr<const input_end> end_;
};

}  // namespace saker::websockets
