#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <saker/websocket/options.hpp>
#include <saker/websocket/websocket.hpp>

#include "core/byte_stream.hpp"
#include "core/loop_state.hpp"
#include "core/turn_share.hpp"
#include "http/exchange.hpp"
#include "websocket/close_frame.hpp"
#include "websocket/counters.hpp"
#include "websocket/deflate_negotiation.hpp"
#include "websocket/deflater.hpp"
#include "websocket/frame_parser.hpp"
#include "websocket/inbox.hpp"
#include "websocket/operation_queue.hpp"
#include "websocket/prepared.hpp"
#include "websocket/utf8_validator.hpp"

namespace saker::websockets {

class close_wait;
class group_bucket;
struct inflating;

/// What of the options concerns one socket.
struct connection_settings {
  const websocket_options* options;  ///< The application's, which outlive every socket, or `own`.
  std::unique_ptr<const websocket_options> own;     ///< Where `accept` was given other values.
  std::unique_ptr<const std::string> sub_protocol;  ///< Null: none.
  std::optional<deflate_parameters> deflate;        ///< Absent: messages are not compressed.
};

/// The shared state behind a websocket handle: the protocol on one byte stream, on one loop.
///
/// Owner: its loop as long as the stream lives, and every handle. Thread rule: the loop's thread,
/// but for the members that say otherwise.
class connection final : public std::enable_shared_from_this<connection>,
                         public http::upgraded_protocol,
                         private core::stream_handler,
                         private core::stoppable,
                         private core::turn_task {
 public:
  connection(event_loop& loop, connection_settings settings);
  ~connection() override;

  /// Takes over the stream of an accepted request.
  void open(std::unique_ptr<core::byte_stream> stream, http::exchange& host);

  // From any thread.
  event_loop& loop() const noexcept { return loop_; }
  const std::string& sub_protocol() const noexcept;
  std::uint64_t next_ticket() noexcept { return ++last_ticket_; }
  websocket_state state() const noexcept { return state_.load(std::memory_order_acquire); }
  std::optional<close_payload> peer_close() const;
  /// The stream has gone: nothing but what was received is left, and the loop has no part in it.
  bool peer_has_ended() const noexcept { return end_arrived_.load(std::memory_order_relaxed); }
  bool has_peer_close() const noexcept {
    return peer_close_.load(std::memory_order_relaxed) != nullptr;
  }
  bool has_ended() const noexcept { return ended_.load(std::memory_order_acquire); }
  /// What waits to be sent, and what is on its way to the loop.
  std::size_t buffered_amount() const noexcept { return noted_queued() + posted_.load(); }
  /// Makes room for a message that is posted; false: there is none.
  bool reserve(std::size_t bytes) noexcept;
  /// What a message that waits outside the stream counts for: an empty one is not free.
  static std::size_t cost_of(std::size_t bytes) noexcept {
    constexpr std::size_t least = 128;
    return std::max(bytes, least);
  }

  // Operations, on the loop. `begin_...` is true when the operation has completed at once.
  bool begin_receive(receive_base& operation);
  void cancel_receive(std::uint64_t ticket);
  bool begin_send(send_operation& operation);
  void withdraw(receive_base& operation) noexcept;
  void withdraw(send_operation& operation) noexcept;
  bool try_send(std::span<const std::byte> data, websocket_message_type type,
                bool disable_compression, bool reserved);
  bool try_send(const std::shared_ptr<const prepared>& message, bool reserved);
  /// What was reserved has been written.
  void release(std::size_t bytes) noexcept { posted_ -= cost_of(bytes); }
  void complete(operation& operation) noexcept;
  /// Whether something that was promised on another thread may still be on its way to the loop.
  bool awaits_posted() const noexcept { return posted_ != 0 || memberships_; }

  // For the groups that it is in.
  bool join(group_bucket& group, std::size_t place);
  std::optional<std::size_t> place_in(const group_bucket& group) const noexcept;
  void move_in(const group_bucket& group, std::size_t place) noexcept;
  void forget(const group_bucket& group) noexcept;
  bool can_send() const noexcept { return stream_ && !close_sent_ && !loss_; }
  /// For a delivery that comes soon: what it reads here, then what it reads of the stream.
  void prefetch() const noexcept {
    const auto* const begin = reinterpret_cast<const char*>(this);
    for (std::size_t at = 0; at < sizeof *this; at += 64) __builtin_prefetch(begin + at);
  }
  void prefetch_stream() const noexcept {
    const auto* const begin = reinterpret_cast<const char*>(stream_.get());
    for (std::size_t at = 0; at < 192; at += 64) __builtin_prefetch(begin + at);
  }
  /// Which bytes it sends of a prepared message: 0 the plain frame, else by its window.
  std::size_t frame_variant() const noexcept;
  std::span<const std::byte> frame_of(const prepared& message) const;
  /// Frames that are joined already. False: one by one, please.
  bool send_batch(std::span<const std::byte> frames, std::size_t count, std::size_t compressed,
                  std::size_t uncompressed);
  /// False: there is no room.
  bool send_shared(const std::shared_ptr<const prepared>& message);
  void count_dropped() noexcept { counters_.messages_dropped.add_from_any_thread(1); }
  void end_overflowing();
  /// Bytes that the system has taken.
  std::uint64_t sent() const noexcept { return stream_ ? stream_->sent() : 0; }
  /// Whether the peer was given up since it took nothing.
  bool gave_up_sending() const noexcept { return loss_text_ == nothing_taken; }
  /// Received, and not by the application.
  bool has_unread() const noexcept { return inbox_ && !inbox_->empty(); }

  void send_close(websocket_close_status status, std::string_view description);
  task<void> close(websocket_close_status status, std::string description);
  void close_output(websocket_close_status status, std::string_view description);
  void abort();
  void release_handle();

  void on_handler_done(bool failed) override;
  std::string remote_endpoint() const override {
    return stream_ ? stream_->remote_endpoint() : std::string();
  }
  std::string local_endpoint() const override {
    return stream_ ? stream_->local_endpoint() : std::string();
  }
  bool is_peer_fault(const std::error_code& error) const noexcept override;
  bool waits_for_peer() const noexcept override;

 private:
  // core::stream_handler, core::stoppable, core::turn_task
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override;
  void on_error(std::error_code error) override;
  void on_end_arrived(std::error_code error) override;
  void on_drained() override;
  std::size_t read_budget() const noexcept override;
  void on_stopping() override;
  void on_turn_end() override;

  /// A piece of a compressed frame, unmasked.
  struct compressed_piece {
    std::span<const std::byte> data;  ///< What of it is not inflated yet.
    websocket_message_type type;
    bool end_of_frame;
    bool end_of_message;
    bool used_up;  ///< All of it is inflated and delivered.
  };

  /// What waits for the last fragment of another message.
  struct deferred_messages {
    std::vector<std::shared_ptr<const prepared>> messages;
    std::size_t bytes = 0;
  };

  struct membership {
    std::shared_ptr<group_bucket> group;
    std::size_t place;
  };
  using memberships = std::unordered_map<const group_bucket*, membership>;

  /// How the input ends, behind what nobody has received yet.
  struct input_end {
    websocket_errc reason;
    websocket_close_status status;  ///< That answers a fault of the peer.
    const char* text;               ///< Static text, or null.
  };

  // Receiving.
  std::size_t read_frames(std::span<std::byte> data);
  std::size_t take_payload(std::span<std::byte> data);
  void begin_frame();
  void end_frame();
  bool deliver(std::span<const std::byte> data);
  bool is_valid_text(std::span<const std::byte> data);
  bool fits_message(std::uint64_t more);
  void refuse_text();
  void refuse_size();
  void take_compressed(std::span<std::byte> data);
  bool inflate(compressed_piece& piece);
  bool inflate_message(compressed_piece& piece);
  bool inflate_part(compressed_piece& piece);
  bool inflate_front();
  bool is_put_off();
  bool accept_inflated(std::span<const std::byte> data, const compressed_piece& piece);
  bool end_piece(compressed_piece& piece);
  std::unique_ptr<inflating> take_inflater();
  void take_control(std::span<const std::byte> payload);
  void take_ping(std::span<const std::byte> payload);
  void take_close(std::span<const std::byte> payload);
  bool continue_receive(receive_base& operation);
  bool receive_more(receive_base& operation);
  bool receives() const noexcept { return receive_ || put_off_; }
  std::size_t room() const noexcept;
  bool takes_all() const noexcept;
  void end_input(const input_end& end);
  void reach_end();
  void resume_now(operation& operation);
  void read_ahead(receive_base& operation);
  void read_inbox(receive_operation& operation);
  void read_inbox_message(receive_message_operation& operation);
  void show_close(receive_base& operation);
  void require_receivable() const;
  void take_share(std::size_t cost);
  void use_share(std::size_t cost);
  void renew_share();

  // Sending.
  bool congested() const noexcept {
    return noted_queued() >= settings_.options->send_high_water_mark;
  }
  bool fits(std::size_t before, std::size_t bytes) const noexcept;
  bool has_room_for(std::size_t bytes) const noexcept;
  bool make_room_for(send_operation& operation);
  bool accept_now(std::size_t bytes, bool reserved);
  void overflow();
  void settle_groups();
  void leave_groups() noexcept;
  void encode(send_operation& operation);
  void continue_sends();
  bool defer(std::shared_ptr<const prepared> message);
  bool send_prepared(const std::shared_ptr<const prepared>& message);
  void write_prepared(const prepared& message);
  std::size_t compression_threshold() const noexcept;
  bool is_worth_compressing(std::size_t size, const websocket_send_options& options) const noexcept;
  std::span<const std::byte> compress(std::span<const std::byte> data, bool end_of_message);
  void write_message(std::span<const std::byte> data, websocket_message_type type,
                     const websocket_send_options& options);
  bool write_compressed(std::span<const std::byte> data, opcode code, bool first, bool last);
  void write_frame(const encoded_header& header, std::span<const std::byte> payload);
  void write_control(opcode code, std::span<const std::byte> payload);
  void require_state(bool legal, std::string_view valid_states) const;

  // Time: keep-alive, idle sockets, closing, blocked sends. One timer, and the clock of the wheel.
  std::uint32_t now() const noexcept;
  void start_timer();
  void on_timer();
  void set_timer();
  std::uint32_t next_check(std::uint32_t time) const noexcept;
  bool listens_to_peer() const noexcept;
  void check_peer(std::uint32_t time);
  void limit_silence(std::uint32_t time);
  void end_unanswered();
  std::uint32_t silent_until(std::uint32_t limit) const noexcept;
  void take_pong(std::span<const std::byte> payload) noexcept;
  void note_progress(std::uint32_t time);
  void mark_progress(std::uint32_t time);
  void limit_sending();
  bool blocked_too_long(std::uint32_t time);
  void limit_closing();
  bool closing_is_over(std::uint32_t time);
  std::uint32_t closing_ticks() const noexcept;

  // Ending.
  void fail(websocket_close_status status, const char* message);
  void end_stream(bool in_order);
  void note_end(unsigned code) noexcept;
  void lose(websocket_errc reason, const char* text = nullptr, bool in_order = false);
  bool begin_close();
  void await_peer_close();
  void forget_unread();
  void finish_close();
  void close_for_stop();
  void close_behind_posted(websocket_close_status status);
  void finish_in_background(websocket_close_status status);
  void fail_sends(const std::exception_ptr& exception) noexcept;
  void fail_receive(const std::exception_ptr& exception) noexcept;
  void lose_output(websocket_errc reason, const char* text);
  void set_state(websocket_state state) noexcept;
  void notify_lost() noexcept;
  void keep_partial(receive_base& operation);
  void end_reading_ahead();
  std::exception_ptr loss() const;
  static std::exception_ptr canceled();

  event_loop& loop_;
  counters& counters_;
  connection_settings settings_;
  std::unique_ptr<core::byte_stream> stream_;
  core::disposable* retained_ = nullptr;
  http::exchange* host_ = nullptr;

  std::atomic<websocket_state> state_ = websocket_state::open;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> overflow_posted_ = false;
  bool in_frame_ = false;
  bool message_compressed_ = false;  ///< The message that is being received.
  bool context_lost_ = false;        ///< Compressed data were discarded.
  bool fragment_open_ = false;
  bool compressing_ = false;    ///< The message that is being sent.
  bool raw_wanted_ = false;     ///< Its `disable_compression`.
  bool dropping_ = false;       ///< The rest of a message of which a fragment was dropped.
  bool context_stale_ = false;  ///< The peer's context has what the compressor does not know.
  bool pong_due_ = false;
  bool ping_outstanding_ = false;
  bool close_sent_ = false;
  bool closing_ = false;  ///< For as long as close_timeout allows.
  bool discarding_ = false;
  bool stopping_ = false;
  /// The peer sends nothing more; what it sent may wait in the stream.
  std::atomic<bool> end_arrived_ = false;
  bool handler_done_ = false;
  bool handle_gone_ = false;
  bool finishing_ = false;
  std::optional<websocket_errc> loss_;
  static constexpr const char* nothing_taken =
      "The WebSocket's peer took no data within the configured send_timeout.";
  const char* loss_text_ = nullptr;  ///< Static text.

  frame_parser parser_;
  frame_header header_;
  std::uint64_t frame_taken_ = 0;
  websocket_message_type message_type_ = websocket_message_type::binary;
  utf8_validator text_;

  std::uint16_t end_code_ = 0;  ///< Of the first Close.
  core::turn_share share_;
  std::atomic<std::uint64_t> last_ticket_ = 0;
  std::atomic<std::size_t> posted_ = 0;
  receive_base* receive_ = nullptr;
  receive_base* put_off_ = nullptr;  ///< Begins in a later turn.
  operation_queue sends_;            ///< That wait for the peer.
  operation_queue completed_;        ///< To be resumed at the end of the turn.
  close_wait* close_waiter_ = nullptr;

  core::deadline timer_;
  std::uint32_t last_received_ = 0;    ///< In ticks, as all of these.
  std::uint32_t last_keep_alive_ = 0;  ///< The last ping or pong of ours; then our Close.
  std::uint32_t last_progress_ = 0;
  std::uint32_t ping_counter_ = 0;
  std::uint64_t sent_before_ = 0;

  std::unique_ptr<inbox> inbox_;
  std::unique_ptr<inflating> inflating_;  ///< During a message; with context takeover from then on.
  std::unique_ptr<deflater> deflating_;
  std::unique_ptr<deferred_messages> deferred_;
  std::unique_ptr<memberships> memberships_;
  std::unique_ptr<std::string> latest_ping_;
  std::unique_ptr<const input_end> input_end_;
  /// Set once, with the peer's Close; owned.
  std::atomic<const close_payload*> peer_close_ = nullptr;
};

}  // namespace saker::websockets
