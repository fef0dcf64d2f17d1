#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/websocket/types.hpp>

namespace saker {

/// Options of all WebSockets of an application (`use_websockets`). Values out of range throw
/// `std::invalid_argument` there, naming the option and the allowed range.
struct websocket_options {
  /// How often a socket shows that it lives; 0 turns it off. Without `keep_alive_timeout` an
  /// unsolicited Pong is sent that often, which keeps proxies and address translators from
  /// forgetting the connection. With it a Ping is sent when nothing has been received for that
  /// long. Times are kept to a tenth of a second.
  std::chrono::milliseconds keep_alive_interval{120'000};
  /// How long the answer to a Ping may take until the peer counts as gone: pending operations fail
  /// with websocket_error (faulted), `request_aborted` is signalled, the connection is reset. A
  /// peer is never given up while the application makes it wait (`receive_read_ahead` is full), nor
  /// while it still takes data that wait for it. 0 (default): no Pings.
  std::chrono::milliseconds keep_alive_timeout{0};
  /// A socket on which nothing at all (data, Pings, Pongs) has been received for that long ends
  /// with Close 1001: for clients that send something every X seconds, 2X. 0 (default): never.
  std::chrono::milliseconds idle_timeout{0};
  /// The origins whose pages may connect; a handshake with another `Origin` gets 403. Scheme, host
  /// and port are compared, without regard to case; `https://*.client.com` means every sub-domain
  /// of client.com (not client.com itself), `http://localhost:*` every port, `*` everything.
  /// Requests without `Origin` (no browsers) always pass. Empty (default): every origin. Any page
  /// may open a WebSocket to any server, with the user's cookies: name your origins wherever those
  /// matter.
  std::vector<std::string> allowed_origins = {};
  /// The largest message, in bytes, that `receive_message` gathers; a larger one ends the socket
  /// with Close 1009. 1 byte or more.
  std::size_t max_message_size = 16 * 1024 * 1024;
  /// With the overflow policy `wait`: `send` completes when fewer than that many bytes wait for the
  /// peer. 1 byte or more.
  std::size_t send_high_water_mark = 64 * 1024;
  /// What `send` does when the peer is slower than the application.
  websocket_overflow_policy overflow_policy = websocket_overflow_policy::wait;
  /// The most bytes that wait for the peer (a message that finds fewer than `send_high_water_mark`
  /// waiting may go beyond): for `try_send`, for broadcasts, and for `send` with another overflow
  /// policy than `wait`. Not less than `send_high_water_mark`.
  std::size_t send_buffer_limit = 1024 * 1024;
  /// Bytes of messages that are read ahead while the application is not receiving, so that pings
  /// and Closes behind them are seen; then reading pauses. What one read from the socket brings
  /// (up to 256 KiB) may come on top. 1 byte or more.
  std::size_t receive_read_ahead = 64 * 1024;
  /// How long `close` waits for the peer's Close before it ends the connection. More than 0.
  std::chrono::milliseconds close_timeout{5'000};
  /// How long a `send` may wait while the peer takes no byte at all; then the connection is reset
  /// and pending operations fail with `connection_closed_prematurely`. 0: for ever.
  std::chrono::milliseconds send_timeout{30'000};
  /// Where compression is agreed: messages of fewer bytes are sent uncompressed. Absent: 1024
  /// without the server's context takeover, where short messages hardly shrink, and 0 with it.
  /// Messages sent in fragments are always compressed.
  std::optional<std::size_t> compression_threshold = {};

  void validate() const;
};

/// Options of one accepted socket. They are copied when `accept` is called. (Without destructors
/// on purpose: g++ 12 destroys temporaries in a co_await expression that have one twice.)
struct websocket_accept_options {
  /// The sub-protocol to answer with: one that the client offered, compared without regard to
  /// case. Empty: none.
  std::string_view sub_protocol = {};
  // Instead of those of websocket_options:
  std::optional<std::size_t> max_message_size = {};
  std::optional<std::chrono::milliseconds> keep_alive_interval = {};
  std::optional<std::chrono::milliseconds> keep_alive_timeout = {};
  std::optional<std::chrono::milliseconds> idle_timeout = {};

  /// Agrees to permessage-deflate (RFC 7692) when the client offers it. Off by default, because the
  /// size of encrypted messages gives away what is in them: where a message holds both a secret and
  /// something that an attacker chose, the attacker can guess the secret (CRIME, BREACH). Send such
  /// messages with `disable_compression`. A client that offers nothing, or nothing acceptable, gets
  /// an uncompressed connection.
  bool dangerous_enable_compression = false;
  /// Each message the server sends is compressed by itself: worse, and without any memory for idle
  /// sockets. With context takeover, a socket keeps its compressor (107 KB, or 268 KB without
  /// ISA-L) from its first compressed message on. What the peer does is the client's choice: a
  /// client that takes its context over costs up to 40 KB from its first compressed message on.
  bool disable_server_context_takeover = false;
  /// Bits of the window that the server compresses with at most, 9..15: fewer make the client's
  /// memory smaller, and compress worse.
  int server_max_window_bits = 15;
  /// Instead of that of websocket_options.
  std::optional<std::size_t> compression_threshold = {};

  // Instead of those of websocket_options:
  std::optional<websocket_overflow_policy> overflow_policy = {};
  std::optional<std::size_t> send_buffer_limit = {};
};

/// Options of one `send`.
struct websocket_send_options {
  /// False: a fragment, which the next send continues.
  bool end_of_message = true;
  /// Sends uncompressed where compression is agreed; the same for all fragments of a message.
  bool disable_compression = false;
};

}  // namespace saker
