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
#include "io/drain_notice.hpp"
#include "io/loop_io.hpp"
#include "io/shown_input.hpp"
#include "io/socket_output.hpp"

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
  std::uint64_t sent() const noexcept override { return output_.sent(); }
  delivery delivered() const noexcept override;
  void notify_drained(std::size_t below) noexcept override;
  void hold(std::unique_ptr<async::disposable> lease) noexcept override {
    lease_ = std::move(lease);
  }
  void abort() noexcept override;
  void report_work(async::work_report& to) const override;
  void close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) override;

 private:
  void on_ready(readiness ready) override;
  void on_turn_end() override;
  /// Somebody is to be told that less is queued.
  bool is_drained() const noexcept {
    return !output_.is_failed() && drained_.is_due(output_.size());
  }
  void receive();
  void note_end(bool broken);
  void report_end();
  void discard_input();
  bool is_writable() const noexcept { return descriptor_ >= 0 && !output_.is_failed(); }
  void flush();
  bool write_directly(std::span<const std::byte> head, std::span<const std::byte> payload);
  void deliver_drained();
  void note_queued() noexcept {
    if (!input_.handler) return;
    input_.handler->note_queued(output_.is_failed() ? stream_handler::never_sent : output_.size());
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
  interest armed_{.readable = true};
  shown_input input_;
  socket_output output_;
  drain_notice drained_;
  bool showing_ = false;
  std::unique_ptr<closing_pace> closing_;
  std::unique_ptr<async::disposable> lease_;
  std::unique_ptr<std::string> remote_endpoint_;  ///< Null: the peer's.
};

}  // namespace saker::io
