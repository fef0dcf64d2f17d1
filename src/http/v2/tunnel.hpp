#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "async/loop_state.hpp"
#include "io/byte_stream.hpp"
#include "io/closing_pace.hpp"
#include "io/kept_input.hpp"

namespace saker::http::v2 {

class stream;

/// An accepted extended CONNECT as a byte stream (RFC 8441, section 5): DATA frames both ways,
/// END_STREAM for the end in order, RST_STREAM for an abort.
///
/// Back-pressure is the stream's window: what the handler does not take is kept here and is not
/// given back to the client, so that only this stream stops.
///
/// Whatever ends the stream, the handler first gets what has come, then END_STREAM if it has come,
/// then the loss. Until then the stream, and with it the connection, accounts for what is kept.
///
/// Owner: the protocol that runs on it. It and its stream know each other; whoever goes first tells
/// the other.
class tunnel final : public io::byte_stream, private async::turn_task {
 public:
  /// `early` came before the stream was accepted.
  tunnel(stream& on, event_loop& loop, std::vector<std::byte> early);
  ~tunnel() override;

  // For the stream.
  void receive(std::span<std::byte> data);
  void receive_end();
  /// The connection's share of a turn is renewed.
  void read_on() noexcept {
    if (kept_) later();
  }
  /// The stream is closed: nothing comes any more, and nothing can be sent.
  void lost(std::errc error);
  void detach() noexcept { stream_ = nullptr; }
  void on_sent(std::size_t bytes);

  // io::byte_stream
  event_loop& loop() noexcept override { return loop_; }
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  void note_work(std::size_t cost) override;
  bool has_worked() const noexcept override;
  void set_handler(io::stream_handler* handler) noexcept override;
  void pause_reading() noexcept override { reading_ = false; }
  void resume_reading() override;
  void write(std::span<const std::byte> data) override;
  void write(std::span<const std::byte> head, std::span<const std::byte> payload) override;
  void write_through(std::span<const std::byte> data) override { write(data); }
  std::size_t queued() const noexcept override;
  std::uint64_t sent() const noexcept override { return sent_; }
  void notify_drained(std::size_t below) noexcept override;
  void hold(std::unique_ptr<async::disposable> lease) noexcept override {
    lease_ = std::move(lease);
  }
  void abort() noexcept override;
  void close(std::unique_ptr<io::byte_stream> self, std::chrono::milliseconds limit) override;

 private:
  void on_turn_end() override;
  bool is_reading() const noexcept;
  std::size_t show(std::span<std::byte> data);
  void show_kept();
  void show_ends();
  void announce_ends();
  void let_go(std::uint32_t code) noexcept;
  void finish_closing(std::uint32_t code);
  void later() noexcept { loop_.state().at_turn_end(*this); }
  void note_queued() noexcept {
    if (!handler_) return;
    handler_->note_queued(loss_ != ending::none ? io::stream_handler::never_sent : queued());
  }
  void limit_closing();
  void forget_input();

  stream* stream_;
  event_loop& loop_;
  io::stream_handler* handler_ = nullptr;
  /// An end on its way to the handler.
  enum class ending : std::uint8_t { none, arrived, announced, shown };

  bool reading_ = true;
  ending end_ = ending::none;   ///< END_STREAM.
  ending loss_ = ending::none;  ///< Of the stream.
  std::errc error_{};
  std::unique_ptr<io::kept_input> kept_;  ///< What the handler has not taken.
  std::uint64_t sent_ = 0;
  std::size_t drained_below_ = 0;
  std::unique_ptr<io::closing_pace> closing_;
  std::unique_ptr<async::disposable> lease_;
};

}  // namespace saker::http::v2
