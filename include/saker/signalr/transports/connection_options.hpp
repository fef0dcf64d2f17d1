#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/message/claims_principal.hpp>
#include <saker/websocket/types.hpp>

namespace saker::signalr {

/// Names the transports between a client and its connection.
enum class transport_type : std::uint8_t {
  none = 0,
  websockets = 1,
  server_sent_events = 2,
  long_polling = 4,
};

constexpr transport_type operator|(transport_type left, transport_type right) noexcept {
  return static_cast<transport_type>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
constexpr bool includes(transport_type set, transport_type one) noexcept {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}
inline constexpr transport_type all_transports =
    transport_type::websockets | transport_type::server_sent_events | transport_type::long_polling;

using saker::overflow_policy;

/// Configures an endpoint for connections (`map_connection`, `map_hub`): ASP.NET Core's
/// HttpConnectionDispatcherOptions. A value out of range throws `std::invalid_argument` when the
/// endpoint is mapped, naming the option and the allowed range.
///
/// Example:
/// ```cpp
/// signalr::connection_options options;
/// options.transports = signalr::transport_type::websockets;
/// options.authorization = {require_authenticated_user()};
/// app.add(signalr::map_connection(
///     "/bytes", [](signalr::connection_context&) { return task<void>(); }, options));
/// ```
struct connection_options {
  /// The transports that clients may use; clients try them in the order WebSockets, Server-Sent
  /// Events, long polling. At least one.
  transport_type transports = all_transports;
  /// Bytes written by the application and not yet taken by the client at which a write waits until
  /// the client has taken them. 1 byte or more.
  std::size_t transport_max_buffer_size = 64 * 1024;
  /// Bytes sent by the client and not yet read by the application at which reading pauses (a POST
  /// is not answered meanwhile). 1 byte or more.
  std::size_t application_max_buffer_size = 64 * 1024;
  /// A client that takes none of the waiting data for this long is disconnected. 0: never. Accurate
  /// to a second.
  std::chrono::milliseconds transport_send_timeout{10'000};
  /// The lowest negotiation version that clients may ask for. The newest is 1; clients that ask for
  /// a later one get 1.
  int minimum_protocol_version = 0;
  /// How long a closing WebSocket waits for the client's Close, and a disconnected one for the
  /// client to take the server's Close. More than 0.
  std::chrono::milliseconds websocket_close_timeout{5'000};
  /// Chooses one of the sub-protocols that a WebSocket client offers; returns an empty string for
  /// none.
  std::function<std::string(const std::vector<std::string_view>&)> sub_protocol_selector = {};
  /// A poll without data is answered, empty, after this long. 1 s or more.
  std::chrono::milliseconds poll_timeout{90'000};
  /// How long a connection lives without a transport: after negotiation before it starts, between
  /// two polls, or after losing a WebSocket that may reconnect; and how long data that a client
  /// sent over a WebSocket is still read after the client has gone, or has sent its Close. 1 s or
  /// more.
  std::chrono::milliseconds disconnect_timeout{15'000};
  /// The most connections that may wait without a transport; one more ends the connection that has
  /// waited longest, whose client is answered 404. 1 or more.
  std::size_t maximum_waiting_connections = 10'000;
  /// Ends a connection when its user's token expires (claims_principal::expires); the client may
  /// reconnect with a new one.
  bool close_on_authentication_expiration = false;
  /// Lets clients renew the credentials of their connection: `POST <path>/refresh`, as .NET's
  /// clients do from version 11 on before their token expires. Calls that start later see the new
  /// claims; a connection never changes to another user.
  bool enable_authentication_refresh = false;
  /// Decides whether newer credentials are accepted, whichever request carries them: a refresh, a
  /// poll, or a WebSocket that reconnects. On false the request is answered 403. Thread rule: the
  /// connection's loop, many connections at once. Empty: all are accepted.
  std::function<bool(const claims_principal& old_user, const claims_principal& new_user)>
      on_authentication_refresh = {};
  /// Lets clients that ask for it reconnect to their connection after the loss of a WebSocket,
  /// without losing messages: see `hub_options::stateful_reconnect_buffer_size`.
  bool allow_stateful_reconnects = false;
  /// How senders wait for a client that takes messages more slowly than they are sent, and what
  /// happens to a message when `send_buffer_limit` bytes already wait for the client. Results of
  /// the client's own calls and items of its streams are never dropped: their producers wait for
  /// the client instead.
  ///
  /// `disconnect`: A caller that awaits a send to one client (`caller()`, `client(id)`) waits while
  /// `transport_max_buffer_size` or more bytes wait for the client. A caller that awaits a send to
  /// many clients waits only for those that have half of `send_buffer_limit` waiting, and for none
  /// that has taken nothing for half a second (2.5 s for a client that polls or acknowledges): a
  /// slow client does not delay the others. If senders do not await and more than
  /// `send_buffer_limit` bytes wait for a client, it is disconnected, so that no message is lost
  /// unnoticed: it is sent a Close with the reason, if it still takes that much, and may reconnect.
  ///
  /// `wait`: like `disconnect`, but a caller that awaits a send to many clients waits for each of
  /// them, as for one: ASP.NET Core's behaviour. One client that takes nothing delays all others
  /// for up to 10 s.
  ///
  /// `drop_oldest` and `drop_newest`: no sender waits.
  saker::overflow_policy overflow_policy = saker::overflow_policy::disconnect;
  /// The most bytes that may wait for one client; each message counts 128 bytes more than its size.
  /// Not less than `transport_max_buffer_size`. ASP.NET Core has no such limit: sends that are not
  /// awaited fill the memory there. Messages sent from other threads may also wait for the client's
  /// event loop while it is busy: four times as much for each client and each group, and each
  /// message counts 512 bytes more; beyond that, `overflow_policy` applies.
  std::size_t send_buffer_limit = 8 * 1024 * 1024;
  /// The most bytes that may wait for all clients of the process, over all endpoints; a message
  /// that waits for many clients counts once. Beyond it, a client of this endpoint that has
  /// `transport_max_buffer_size` waiting, and has taken nothing for half a second, is over its
  /// limit; beyond twice as much, so is every client that has `transport_max_buffer_size` waiting.
  /// Calls whose answers are not acknowledged wait as well. Not less than `send_buffer_limit`.
  std::size_t process_send_buffer_limit = 256 * 1024 * 1024;
  /// The policies that users must satisfy to connect, all of them. A client that does not is
  /// answered 401 if it is unauthenticated, else 403, for the negotiation and for every transport.
  std::vector<authorization_policy> authorization = {};

  void validate() const;
};

}  // namespace saker::signalr
