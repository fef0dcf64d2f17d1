#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/websocket/types.hpp>

namespace saker {

/// Configures all WebSockets of an application (`use_websockets`). `use_websockets` throws
/// `std::invalid_argument` for a value out of range, naming the option and the allowed range.
///
/// Example:
/// ```cpp
/// app.use_websockets({.keep_alive_timeout = 20s,
///                     .allowed_origins = {"https://client.com"},
///                     .max_message_size = 64 * 1024});
/// ```
struct websocket_options {
  /// How often a socket sends keep-alive frames; 0 turns them off. Without `keep_alive_timeout` an
  /// unsolicited Pong is sent at this interval, which keeps proxies and NATs from dropping the
  /// connection. With it, a Ping is sent when nothing has been received for this long. Times are
  /// accurate to a tenth of a second.
  std::chrono::milliseconds keep_alive_interval{120'000};
  /// How long the peer may take to answer a Ping. Then pending operations fail with websocket_error
  /// (faulted), `request_aborted` is signalled and the connection is reset. A peer does not time
  /// out while the application makes it wait (`receive_read_ahead` is full), nor while it still
  /// takes data that waits for it. 0 (default): no Pings.
  std::chrono::milliseconds keep_alive_timeout{0};
  /// A socket that has received nothing at all (data, Pings, Pongs) for this long ends with Close
  /// 1001. For clients that send something every X seconds, use 2X. 0 (default): no limit.
  std::chrono::milliseconds idle_timeout{0};
  /// The origins whose pages may connect; a handshake with another `Origin` is answered 403.
  /// Scheme, host and port are compared case-insensitively; `https://*.client.com` matches every
  /// sub-domain of client.com (not client.com itself), `http://localhost:*` every port, `*` every
  /// origin. Requests without `Origin` (not from browsers) always pass. Empty (default): every
  /// origin. Any page may open a WebSocket to any server, with the user's cookies: list your
  /// origins wherever cookies matter.
  std::vector<std::string> allowed_origins = {};
  /// The largest message that `receive_message` returns, in bytes; a larger one ends the socket
  /// with Close 1009. 1 byte or more.
  std::size_t max_message_size = 16 * 1024 * 1024;
  /// With the overflow policy `wait`, `send` completes when fewer than this many bytes wait for the
  /// peer. 1 byte or more.
  std::size_t send_high_water_mark = 64 * 1024;
  /// What `send` does when the peer is slower than the application.
  saker::overflow_policy overflow_policy = saker::overflow_policy::wait;
  /// The most bytes that may wait for the peer, for `try_send`, for broadcasts, and for `send` with
  /// an overflow policy other than `wait`. A message that finds fewer than `send_high_water_mark`
  /// bytes waiting may exceed it. Not less than `send_high_water_mark`.
  std::size_t send_buffer_limit = 1024 * 1024;
  /// Bytes of messages that are read ahead while the application is not receiving, so that Pings
  /// and Closes behind them are seen; then reading pauses. One read from the socket (up to 256 KiB)
  /// may exceed it. 1 byte or more.
  std::size_t receive_read_ahead = 64 * 1024;
  /// How long `close` waits for the peer's Close before it ends the connection. More than 0.
  std::chrono::milliseconds close_timeout{5'000};
  /// How long a `send` may wait while the peer takes no byte at all. Then the connection is reset
  /// and pending operations fail with `connection_closed_prematurely`. 0: no limit.
  std::chrono::milliseconds send_timeout{30'000};
  /// Where compression was negotiated, messages of fewer bytes are sent uncompressed. Absent: 1024
  /// without the server's context takeover, where short messages hardly shrink, and 0 with it.
  /// Messages sent in fragments are always compressed.
  std::optional<std::size_t> compression_threshold = {};

  void validate() const;
};

/// Configures one accepted socket; copied when `accept` is called.
///
/// Example:
/// ```cpp
/// auto accepted = co_await context.websockets().accept(
///     {.sub_protocol = "chat", .dangerous_enable_compression = true});
/// ```
struct websocket_accept_options {
  /// The sub-protocol to accept: one that the client offered, compared case-insensitively. Empty:
  /// none.
  std::string_view sub_protocol = {};
  // These override websocket_options:
  std::optional<std::size_t> max_message_size = {};
  std::optional<std::chrono::milliseconds> keep_alive_interval = {};
  std::optional<std::chrono::milliseconds> keep_alive_timeout = {};
  std::optional<std::chrono::milliseconds> idle_timeout = {};

  /// Accepts permessage-deflate (RFC 7692) when the client offers it. Off by default, because the
  /// size of encrypted messages reveals their content: where a message holds both a secret and text
  /// that an attacker chose, the attacker can guess the secret (CRIME, BREACH). Send such messages
  /// with `disable_compression`. When the client makes no acceptable offer, the connection is
  /// uncompressed.
  bool dangerous_enable_compression = false;
  /// Compresses each message that the server sends independently: larger messages, but no memory
  /// for idle sockets. With context takeover, a socket keeps its compressor (107 KB, or 268 KB
  /// without ISA-L) from its first compressed message on. The client chooses for its own direction:
  /// a client with context takeover costs up to 40 KB from its first compressed message on.
  bool disable_server_context_takeover = false;
  /// The largest window that the server compresses with, in bits, 9..15: a smaller window saves
  /// memory in the client and compresses less.
  int server_max_window_bits = 15;
  /// Overrides websocket_options.
  std::optional<std::size_t> compression_threshold = {};

  // These override websocket_options:
  std::optional<saker::overflow_policy> overflow_policy = {};
  std::optional<std::size_t> send_buffer_limit = {};
};

/// Says how one `send` is sent.
///
/// Example:
/// ```cpp
/// co_await socket.send("first, ", {.end_of_message = false});
/// co_await socket.send("second", {.end_of_message = true});
/// ```
struct websocket_send_options {
  /// False: the data is a fragment, which the next send continues.
  bool end_of_message = true;
  /// Sends uncompressed where compression was negotiated; must be the same for all fragments of a
  /// message.
  bool disable_compression = false;
};

}  // namespace saker
