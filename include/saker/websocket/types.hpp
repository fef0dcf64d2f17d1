#pragma once

#include <cstdint>
#include <string_view>

namespace saker {

/// Names the states of a WebSocket, with the values of .NET's WebSocketState.
enum class websocket_state : std::uint8_t {
  none = 0,
  connecting = 1,
  open = 2,
  close_sent = 3,      ///< Our Close was sent, the peer's not yet received.
  close_received = 4,  ///< The peer's Close was received, ours not yet sent.
  closed = 5,          ///< Both were; or the socket was given up after one.
  aborted = 6,         ///< Ended without the closing handshake.
};

/// Returns the name that error messages use: "open", "close_sent", ...
std::string_view to_string(websocket_state state) noexcept;

enum class websocket_message_type : std::uint8_t { text = 0, binary = 1, close = 2 };

/// Says what happens to a message when the bytes that wait for the peer exceed `send_buffer_limit`:
/// that of a socket (`websocket_options`), of a group of sockets, or of a SignalR client
/// (`signalr::connection_options`, which says what it means for senders to hubs).
enum class overflow_policy : std::uint8_t {
  wait,         ///< Who sends waits for the peer.
  drop_newest,  ///< Nobody waits. The message is dropped and counted; `send` returns false.
  drop_oldest,  ///< Nobody waits. Those that waited longest are dropped. For SignalR only.
  disconnect,   ///< Nobody waits. The peer is cut off: a socket ends with Close 1008.
};

/// Names the status codes of Close frames (RFC 6455, section 7.4). Cast other codes: 1012..1014,
/// 3000..4999.
enum class websocket_close_status : std::uint16_t {
  normal_closure = 1000,
  endpoint_unavailable = 1001,
  protocol_error = 1002,
  invalid_message_type = 1003,
  empty = 1005,  ///< Sends a Close without a status.
  invalid_payload_data = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_server_error = 1011,
};

}  // namespace saker
