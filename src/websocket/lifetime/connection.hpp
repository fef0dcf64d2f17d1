#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "async/loop_state.hpp"
#include "http/exchange/exchange.hpp"
#include "websocket/lifetime/connection_lifetime.hpp"
#include "websocket/lifetime/memberships.hpp"
#include "websocket/lifetime/peer_watch.hpp"
#include "websocket/reader/message_reader.hpp"
#include "websocket/socket_core.hpp"
#include "websocket/writer/message_writer.hpp"
#include "websocket/writer/operation_queue.hpp"

namespace saker::websockets {

/// The shared state behind a websocket handle, on one byte stream and one loop: joins the reader,
/// the writer, the lifetime, the watch and the groups.
///
/// Owner: its loop as long as the stream lives, and every handle. Thread rule: the loop's thread,
/// but for the members that say otherwise.
class connection final : public std::enable_shared_from_this<connection>,
                         public http::upgraded_protocol,
                         public socket_core,
                         private async::stoppable,
                         private async::turn_task {
 public:
  connection(event_loop& loop, connection_settings settings);

  /// Takes over the stream of an accepted request.
  void open(std::unique_ptr<io::byte_stream> stream, http::exchange& host);

  // From any thread.
  const std::string& sub_protocol() const noexcept;
  /// What waits to be sent, and what is on its way to the loop.
  std::size_t buffered_amount() const noexcept { return queued() + writer_.posted(); }

  // The parts, which say which of their members are for any thread. All that follows is for the
  // loop's.
  message_reader& reader() noexcept { return reader_; }
  const message_reader& reader() const noexcept { return reader_; }
  message_writer& writer() noexcept { return writer_; }
  /// The same for what comes behind all that was broadcast on the loop.
  message_writer& settled_writer() {
    groups_.settle(loop_);
    return writer_;
  }
  connection_lifetime& lifetime() noexcept { return lifetime_; }
  const connection_lifetime& lifetime() const noexcept { return lifetime_; }
  peer_watch& watch() noexcept { return watch_; }
  memberships& groups() noexcept { return groups_; }

  /// Whether something that was promised on another thread may still be on its way to the loop.
  bool awaits_posted() const noexcept { return writer_.posted() != 0 || !groups_.empty(); }
  /// Bytes that the system has taken.
  std::uint64_t sent() const noexcept { return stream_ ? stream_->sent() : 0; }
  /// For a delivery that comes soon: what it reads here, then what it reads of the stream.
  void prefetch() const noexcept;
  void prefetch_stream() const noexcept;

  // socket_core
  std::shared_ptr<const void> keep() override { return shared_from_this(); }
  void take_ping(std::span<const std::byte> payload) override {
    if (!closing().has_sent_close()) writer_.answer_ping(payload);
  }
  void take_pong(std::span<const std::byte> payload) override { watch_.take_pong(payload); }
  void take_close(std::span<const std::byte> payload) override { lifetime_.take_close(payload); }
  void reach_end(const input_end& end) override { lifetime_.reach_end(end); }
  void fail(websocket_close_status status, const char* text) override {
    lifetime_.fail(status, text);
  }
  void limit_sending() override { watch_.limit_sending(); }
  void complete(operation& waiting) noexcept override;

  void withdraw(receive_base& operation) noexcept;
  void withdraw(send_operation& operation) noexcept;
  void call_at_turn_end() { loop_.state().resume_at_turn_end(*this); }

  /// Gives up the stream, with all that belongs to it.
  void end_stream(connection_lifetime::ending order);
  /// The loop has let go.
  void forget_keeper() noexcept { keeper_ = nullptr; }

  // http::upgraded_protocol
  void on_handler_done(bool failed) override { lifetime_.end_handler(failed); }
  void on_detached(http::upgrade_host& host) noexcept override { lifetime_.set_host(host); }
  std::string remote_endpoint() const override;
  std::string local_endpoint() const override;
  bool is_peer_fault(const std::error_code& error) const noexcept override;
  bool waits_for_peer() const noexcept override { return lifetime_.waits_for_peer(); }

 private:
  // io::stream_handler
  std::size_t on_read(std::span<std::byte> data) override;
  void on_read_end() override { lifetime_.end_read(); }
  void on_error(std::error_code) override { lifetime_.lose_stream(); }
  void on_end_arrived(std::error_code error) override {
    lifetime_.note_end_arrived(static_cast<bool>(error));
  }
  void on_drained() override { writer_.resume(); }
  std::size_t read_budget() const noexcept override { return reader_.budget(); }
  // async::stoppable
  void on_stopping() override { lifetime_.stop(); }
  // async::turn_task
  void on_turn_end() override;

  async::disposable* keeper_ = nullptr;  ///< The loop's part.
  operation_queue completed_;            ///< To be resumed at the end of the turn.
  connection_lifetime lifetime_;
  message_reader reader_;
  message_writer writer_;
  peer_watch watch_;
  memberships groups_;
};

}  // namespace saker::websockets
