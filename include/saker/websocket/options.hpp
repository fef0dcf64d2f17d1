#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace saker {

/// Options of all WebSockets of an application (`use_websockets`). Values out of range throw
/// `std::invalid_argument` there, naming the option and the allowed range.
struct websocket_options {
  /// The largest message, in bytes, that `receive_message` gathers; a larger one ends the socket
  /// with Close 1009. 1 byte or more.
  std::size_t max_message_size = 16 * 1024 * 1024;
  /// `send` completes when fewer than that many bytes wait for the peer. 1 byte or more.
  std::size_t send_high_water_mark = 64 * 1024;
  /// Bytes of messages that are read ahead while the application is not receiving, so that pings
  /// and Closes behind them are seen; then reading pauses. What one read from the socket brings
  /// (up to 256 KiB) may come on top. 1 byte or more.
  std::size_t receive_read_ahead = 64 * 1024;
  /// How long `close` waits for the peer's Close before it ends the connection. More than 0.
  std::chrono::milliseconds close_timeout{5'000};

  void validate() const;
};

/// Options of one accepted socket. They are copied when `accept` is called. (Without destructors
/// on purpose: g++ 12 destroys temporaries in a co_await expression that have one twice.)
struct websocket_accept_options {
  /// The sub-protocol to answer with: one that the client offered, compared without regard to
  /// case. Empty: none.
  std::string_view sub_protocol = {};
  /// Instead of that of websocket_options.
  std::optional<std::size_t> max_message_size = {};
};

}  // namespace saker
