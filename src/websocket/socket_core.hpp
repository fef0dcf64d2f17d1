#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <saker/websocket/options.hpp>
#include <saker/websocket/websocket.hpp>

#include "async/loop_state.hpp"
#include "io/byte_stream.hpp"
#include "websocket/close_state.hpp"
#include "websocket/counters.hpp"
#include "websocket/deflate_parameters.hpp"

namespace saker::websockets {

/// What of the options concerns one socket.
struct connection_settings {
  const websocket_options* options;  ///< The application's, which outlive every socket, or `own`.
  std::unique_ptr<const websocket_options> own;     ///< Where `accept` was given other values.
  std::unique_ptr<const std::string> sub_protocol;  ///< Null: none.
  std::optional<deflate_parameters> deflate;        ///< Absent: messages are not compressed.
};

/// A WebSocket as its reader and its writer see it: what both work with, and whom they tell.
///
/// Thread rule: the loop's thread, but for the members that say otherwise.
class socket_core : protected io::stream_handler {
 public:
  // From any thread.
  event_loop& loop() const noexcept { return loop_; }
  const websocket_options& options() const noexcept { return *settings_.options; }
  const std::optional<deflate_parameters>& deflate() const noexcept { return settings_.deflate; }
  /// What waits to be sent.
  std::size_t queued() const noexcept { return noted_queued(); }
  close_state& closing() noexcept { return closing_; }
  const close_state& closing() const noexcept { return closing_; }

  // On the loop.
  counters& counts() const noexcept { return counts_; }
  /// Null: it has ended.
  io::byte_stream* stream() const noexcept { return stream_.get(); }
  bool can_send() const noexcept {
    return stream_ && !closing_.has_sent_close() && !closing_.loss();
  }
  /// Keeps it alive, for what is posted.
  virtual std::shared_ptr<const void> keep() = 0;

  // What the peer brings, besides messages.
  virtual void take_ping(std::span<const std::byte> payload) = 0;
  virtual void take_pong(std::span<const std::byte> payload) = 0;
  virtual void take_close(std::span<const std::byte> payload) = 0;
  /// All that came before the end has been received, or never will be.
  virtual void reach_end(const input_end& end) = 0;
  /// Answers a fault with a Close, and ends the connection.
  virtual void fail(websocket_close_status status, const char* text) = 0;

  // Operations.
  /// Sends have begun to wait for the peer.
  virtual void limit_sending() = 0;
  /// The caller goes on first; whoever waits is resumed at the end of the turn.
  virtual void complete(operation& waiting) noexcept = 0;
  /// For what the stream brings: while it is being read nothing of this goes.
  void resume_now(operation& waiting) {
    waiting.pending_ = false;
    if (waiting.home_ && waiting.home_ != &loop_) {
      waiting.posted_ = true;
      waiting.home_->resume(waiting.caller_);
    } else {
      waiting.caller_.resume();
    }
  }

 protected:
  socket_core(event_loop& loop, connection_settings settings)
      : loop_(loop), counts_(loop.state().local<counters>()), settings_(std::move(settings)) {}
  ~socket_core() = default;

  event_loop& loop_;
  counters& counts_;
  connection_settings settings_;
  std::unique_ptr<io::byte_stream> stream_;

 private:
  close_state closing_;
};

}  // namespace saker::websockets
