#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "async/loop_state.hpp"
#include "async/turn_share.hpp"
#include "io/byte_stream.hpp"
#include "io/channel_security.hpp"
#include "io/closing_pace.hpp"
#include "io/drain_notice.hpp"
#include "io/output_queue.hpp"
#include "io/shown_input.hpp"
#include "io/tls_channel.hpp"
#include "io/tls_handshake.hpp"
#include "io/tls_server.hpp"

namespace saker::io {

/// TLS as a byte stream over another: the server's side. Nothing is shown before the handshake is
/// over; `security` tells what came of it.
///
/// What is written waits here as plain text until the stream below has room, and is encrypted once
/// for each turn, so that small messages share a record. An idle stream holds no buffer.
///
/// The end of the input, be it close_notify, the end below or a failure, comes behind what was
/// decrypted before it. A peer that asks for answers of TLS itself and does not take them is not
/// read from (`tls_channel`).
class tls_stream final : public byte_stream, private stream_handler, private async::turn_task {
 public:
  /// `plain_text_answer` (static text) is sent to a client that does not speak TLS.
  tls_stream(std::unique_ptr<byte_stream> below, tls_server& server,
             std::string_view plain_text_answer);
  ~tls_stream() override;

  event_loop& loop() noexcept override { return loop_; }
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  std::shared_ptr<const channel_security> security() const noexcept override { return security_; }
  void set_handler(stream_handler* handler) noexcept override;
  void pause_reading() noexcept override;
  void resume_reading() override;
  void write(std::span<const std::byte> data) override;
  void write(std::span<const std::byte> head, std::span<const std::byte> payload) override;
  void write_through(std::span<const std::byte> data) override { write(data); }
  std::size_t queued() const noexcept override;
  std::uint64_t sent() const noexcept override;
  delivery delivered() const noexcept override;
  void notify_drained(std::size_t below) noexcept override;
  void hold(std::unique_ptr<async::disposable> lease) noexcept override {
    below_->hold(std::move(lease));
  }
  void abort() noexcept override;
  void report_work(async::work_report& to) const override;
  void close(std::unique_ptr<byte_stream> self, std::chrono::milliseconds limit) override;

 private:
  // stream_handler
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override;
  void on_error(std::error_code error) override;
  void on_end_arrived(std::error_code error) override;
  void on_drained() override;
  std::size_t read_budget() const noexcept override;
  void on_turn_end() override;

  bool begin_handshake(std::span<const std::byte> data);
  void continue_handshake();
  void finish_handshake();
  void decrypt();
  std::size_t decrypt_into(std::span<std::byte> buffer);
  bool has_decrypted() const noexcept;
  void note_unseen() noexcept;
  void encrypt();
  void note_result(int result);
  bool is_reading() const noexcept;
  void read_on();
  void release_reading();
  void report_end();
  void fail(std::error_code error);
  void forget_handler() noexcept;
  void continue_closing();
  void end_below();
  void late();
  void deliver_drained();
  void later() noexcept { loop_.state().at_turn_end(*this); }
  /// Nothing reaches the client any more, which is told at the end of the turn.
  bool is_lost() const noexcept { return error_ || noted_queued() == never_sent; }
  void note_queued() noexcept {
    if (input_.handler) input_.handler->note_queued(is_lost() ? never_sent : output_.size());
  }

  event_loop& loop_;
  std::unique_ptr<byte_stream> below_;
  tls_channel channel_;
  std::unique_ptr<tls_handshake> handshake_;
  std::shared_ptr<const channel_security> security_;
  shown_input input_;
  output_queue output_;
  async::renewed_share share_;  ///< Records may be tiny.
  drain_notice drained_;
  bool unseen_ = false;  ///< The handler stopped in front of something.
  std::error_code error_;
  std::unique_ptr<closing_pace> closing_;
};

}  // namespace saker::io
