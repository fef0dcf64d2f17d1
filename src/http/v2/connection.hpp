#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "async/loop_state.hpp"
#include "async/turn_share.hpp"
#include "http/exchange/connection_options.hpp"
#include "http/v2/connection_clock.hpp"
#include "http/v2/frame_guard.hpp"
#include "http/v2/owed_output.hpp"
#include "http/v2/response_fields.hpp"
#include "http/v2/session.hpp"
#include "http/v2/stream.hpp"
#include "io/byte_stream.hpp"

namespace saker::http::v2 {

/// The streams of a connection: those that are open, and closed ones that still run.
struct stream_list {
  async::intrusive_list<stream> all;
  std::size_t open = 0;  ///< For the client.
  std::size_t size = 0;
};

/// The header block that is open: there is one at most.
struct header_block {
  std::unique_ptr<head_builder> builder;
  stream* to = nullptr;  ///< Null: nobody, it is refused.
};

/// HTTP/2 (RFC 9113) on one byte stream: frames are nghttp2's; streams, limits and ends are here.
///
/// Owner: its loop (`start` hands it over); it lives until the stream ends and no handler runs.
class connection final : public async::disposable,
                         private io::stream_handler,
                         private async::stoppable,
                         private async::turn_task,
                         private session_events {
 public:
  connection(std::unique_ptr<io::byte_stream> stream, const http::connection_options& options);
  ~connection() override;

  static void start(std::unique_ptr<io::byte_stream> stream,
                    const http::connection_options& options);

  // What its streams ask for.
  event_loop& loop() noexcept { return loop_; }
  const http::connection_options& options() const noexcept { return options_; }
  std::string_view scheme() const noexcept { return security_ ? "https" : "http"; }
  const std::shared_ptr<const io::channel_security>& security() const noexcept { return security_; }
  std::string remote_endpoint() const { return io::remote_endpoint_of(stream_.get()); }
  std::string local_endpoint() const { return io::local_endpoint_of(stream_.get()); }
  void report_work(async::work_report& to) const override;

  void submit_head(std::int32_t id, const response_fields& fields, bool end_of_stream);
  void submit_data(stream& from, std::int32_t id);
  void submit_continue(std::int32_t id);
  void submit_trailers(std::int32_t id, const response_fields& fields);
  void submit_reset(std::int32_t id, std::uint32_t code);
  /// Sends what is ready at the end of the turn.
  void flush_later() noexcept { loop_.state().at_turn_end(*this); }
  /// One DATA frame: its head, and so many bytes from the front of the queue.
  void write_frame(std::span<const std::byte> head, io::output_queue& payload, std::size_t size);

  /// What a stream's handler has done counts for the connection's share of a turn, which is that of
  /// four: so many it may well stand for.
  void note_work(std::size_t cost) { share_.take(loop_.state(), cost / 4); }
  bool has_worked() const noexcept { return share_.is_used_up(); }
  /// Bytes that have come and that a handler has not taken; then that it has.
  void keep_input(std::size_t bytes);
  void release_input(std::size_t bytes);
  /// Returns what was taken to the client's window of a stream.
  void credit(std::int32_t id, std::size_t bytes);
  /// Of what is taken, so much at a time: each WINDOW_UPDATE that is saved is a frame less.
  std::size_t credit_step() const noexcept;
  /// A stream has become a tunnel, whose window is its own.
  void widen_window(std::int32_t id);

  /// Payload of DATA that has been sent, on all streams: while it grows, others have their turn.
  std::uint64_t data_sent() const noexcept { return owed_.data_sent(); }
  /// The client lets nothing more come on that stream.
  bool is_window_closed(std::int32_t id) const noexcept { return session_.is_window_closed(id); }
  /// The client does not take what it has asked for: that is the end of the connection.
  void give_up();

  void release(stream& done);

 private:
  /// `shutting_down`: the first GOAWAY is sent; `ending`: the final one, it closes with its last
  /// stream; `condemned`: nothing is read any more.
  enum class phase : std::uint8_t { open, shutting_down, ending, condemned };

  /// What is read before it is asked how much is owed.
  static constexpr std::size_t portion = 32 * 1024;

  // io::stream_handler
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override;
  void on_error(std::error_code error) override;
  void on_end_arrived(std::error_code error) override;
  void on_drained() override { flush(); }
  std::size_t read_budget() const noexcept override {
    return share_.is_used_up() ? 0 : async::loop_state::read_buffer_size;
  }

  // async::stoppable, async::turn_task
  void on_stopping() override;
  void on_turn_end() override { flush(); }

  // session_events
  bool on_begin_headers(const nghttp2_frame& frame) override;
  bool on_header(std::string_view name, std::string_view value) override;
  bool on_frame_received(const nghttp2_frame& frame) override;
  bool on_frame_begun(const nghttp2_frame_hd& head) override;
  void on_data(stream& to, std::span<std::byte> data) override;
  void on_stream_closed(stream& closed, std::uint32_t code) override;
  void on_frame_sent(const nghttp2_frame& frame) override;
  bool send_data(stream& from, std::span<const std::byte> frame_head, std::size_t size) override;

  void send_settings();
  std::uint32_t stream_window() const noexcept;
  bool receive(std::span<std::byte> data);
  void read_on();
  std::size_t known_part(std::span<const std::byte> data);
  bool admit(std::int32_t id);

  void flush();
  bool send_frames();
  bool is_fine() const noexcept { return stream_ && phase_ != phase::condemned; }
  bool is_congested() const noexcept;
  std::size_t frames_owed() const noexcept;
  bool owes_too_much() const noexcept;
  void pace_reading(bool congested);
  void fail(std::uint32_t code, std::string_view why);
  void finish(std::uint32_t code);
  void send_goaway(std::uint32_t code, std::string_view why);
  void send_final_goaway();
  void close();
  void condemn();
  void lose(std::errc error);
  void lose_streams(std::errc error);
  void release_if_idle();

  void on_timer();
  bool check_peer(connection_clock::ticks time);
  bool is_owed_too_long(connection_clock::ticks time);

  event_loop& loop_;
  std::unique_ptr<io::byte_stream> stream_;
  const http::connection_options& options_;
  std::shared_ptr<const io::channel_security> security_;
  session session_;
  stream_list streams_;
  header_block head_;
  frame_guard guard_;
  connection_clock clock_;
  owed_output owed_;
  async::renewed_share share_;
  phase phase_ = phase::open;
};

}  // namespace saker::http::v2
