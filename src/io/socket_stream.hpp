#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "async/loop_state.hpp"
#include "io/byte_stream.hpp"
#include "io/closing_pace.hpp"
#include "io/loop_io.hpp"
#include "io/shown_input.hpp"

namespace saker::io {

/// A connected TCP or Unix socket as a byte stream.
///
/// What arrives is received into the loop's shared buffer and shown to the handler there; only
/// what the handler leaves is copied to the connection. What is written leaves once at the end of
/// the turn, or right after the handler has returned from `on_read`.
///
/// While the handler reads nothing, the end of the peer is watched for alone. A connection that
/// breaks is read to its end: what arrived before is shown first.
class socket_stream final : public byte_stream, private pollable, private async::turn_task {
 public:
  /// From this payload size on the system is offered the caller's memory.
  static constexpr std::size_t direct_write_size = 8 * 1024;

  /// Takes over a connected, non-blocking descriptor.
  socket_stream(event_loop& loop, int descriptor);
  ~socket_stream() override;

  event_loop& loop() noexcept override { return state_.owner(); }
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  /// For a client that stands behind the peer.
  void set_remote_endpoint(std::string endpoint) {
    remote_endpoint_ = std::make_unique<std::string>(std::move(endpoint));
  }
  void set_handler(stream_handler* handler) noexcept override;
  void pause_reading() noexcept override;
  void resume_reading() override;
  void write(std::span<const std::byte> data) override;
  void write(std::span<const std::byte> head, std::span<const std::byte> payload) override;
  void write_through(std::span<const std::byte> data) override;
  std::size_t queued() const noexcept override { return output_.size(); }
  std::uint64_t sent() const noexcept override { return sent_; }
  delivery delivered() const noexcept override;
  void notify_drained(std::size_t below) noexcept override;
  void hold(std::unique_ptr<async::disposable> lease) noexcept override {
    lease_ = std::move(lease);
  }
  void abort() noexcept override;
  void report_work(async::work_report& to) const override;
  void close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) override;

 private:
  /// What is known of the end of the input.
  enum class input_end : std::uint8_t { open, arrived, reached, reported };
  /// What the handler was told of it ahead of time.
  enum class announced : std::uint8_t { nothing, end, loss };

  void on_ready(readiness ready) override;
  void on_turn_end() override;
  bool is_reading() const noexcept { return input_.reading && !starved_; }
  /// Somebody is to be told that less is queued.
  bool is_drained() const noexcept {
    return !error_ && drained_below_ != 0 && output_.size() < drained_below_;
  }
  void receive();
  void note_end(bool broken);
  void report_end();
  void discard_input();
  void flush();
  bool write_directly(std::span<const std::byte> head, std::span<const std::byte> payload);
  void deliver_drained();
  void note_sent(std::size_t bytes) noexcept {
    sent_ += bytes;
    sent_at_once_ += static_cast<std::uint32_t>(bytes);
  }
  void note_queued() noexcept {
    if (!input_.handler) return;
    input_.handler->note_queued(error_ ? stream_handler::never_sent : output_.size());
  }
  /// What the handler writes while it is shown something leaves right after.
  void note_written() noexcept {
    if (input_.handler) input_.handler->note_queued(output_.size());
    if (!showing_) state_.at_turn_end(*this);
  }
  void forget_handler() noexcept;
  void fail_output();
  void fail(std::error_code error);
  void update_interest() noexcept;
  void end_output();
  void finish_closing();
  void limit_closing();
  void close_descriptor() noexcept;

  async::loop_state& state_;
  loop_io& io_;
  int descriptor_;
  input_end input_end_ = input_end::open;
  announced announced_ = announced::nothing;
  bool starved_ = false;  ///< The handler had no budget when there was something to read.
  bool show_again_ = false;
  bool showing_ = false;
  bool output_ended_ = false;
  bool want_writable_ = false;
  interest armed_{.readable = true};
  std::uint32_t sent_at_once_ = 0;  ///< Bytes, since the last event.
  shown_input input_;
  output_queue output_;
  std::uint64_t sent_ = 0;
  std::size_t drained_below_ = 0;
  std::error_code error_;
  std::unique_ptr<closing_pace> closing_;
  std::unique_ptr<async::disposable> lease_;
  std::unique_ptr<std::string> remote_endpoint_;  ///< Null: the peer's.
};

}  // namespace saker::io
