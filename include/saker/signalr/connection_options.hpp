#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/claims_principal.hpp>

namespace saker::signalr {

/// The ways in which bytes travel between a client and its connection.
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

/// Who waits for a client that takes what it is sent more slowly than it is sent, and what happens
/// to a message for one that is so slow that `send_buffer_limit` bytes wait for it already. Results
/// of the client's own calls and items of its streams are never dropped: who makes them waits for
/// the client instead.
enum class overflow_policy : std::uint8_t {
  /// Who awaits a send to one client (`caller()`, `client(id)`) waits from
  /// `transport_max_buffer_size` on until the client has room. Who awaits a send to many waits only
  /// for those that have half of `send_buffer_limit` waiting, and for none that has taken nothing
  /// for half a second (2.5 s where it fetches, or acknowledges): a slow client delays nobody else.
  /// A client for which more than `send_buffer_limit` waits, since senders did not await, is cut
  /// off, so that no message is missing unnoticed: it gets a Close that says why, if it takes that
  /// much, and may come back.
  disconnect,
  drop_oldest,  ///< Nobody waits. Messages that have waited longest make room.
  drop_newest,  ///< Nobody waits. The message is left out.
  /// As `disconnect`, but who awaits a send to many waits for each of them, as for one: ASP.NET
  /// Core's way. There one client that takes nothing delays all others for up to 10 s.
  wait,
};

/// Options of an endpoint that serves connections (`map_connection`, `map_hub`): ASP.NET Core's
/// HttpConnectionDispatcherOptions. A value out of range throws `std::invalid_argument` when the
/// endpoint is mapped, naming the option and what is allowed.
struct connection_options {
  /// Which transports clients may use; they try them in the order WebSockets, Server-Sent Events,
  /// long polling. At least one.
  transport_type transports = all_transports;
  /// Bytes that the application has written and the client has not taken, from which on a write
  /// waits, until the client has taken them. 1 byte or more.
  std::size_t transport_max_buffer_size = 64 * 1024;
  /// Bytes that the client has sent and the application has not read, from which on reading pauses
  /// (a POST is not answered meanwhile). 1 byte or more.
  std::size_t application_max_buffer_size = 64 * 1024;
  /// A client that takes nothing of what waits for it for that long is cut off. 0: never. To a
  /// second.
  std::chrono::milliseconds transport_send_timeout{10'000};
  /// The lowest version of the negotiation that clients may ask for. The newest is 1, which is what
  /// those get that ask for more.
  int minimum_protocol_version = 0;
  /// How long a closing WebSocket waits for the client's Close, and one that is cut off for the
  /// client to take ours. More than 0.
  std::chrono::milliseconds websocket_close_timeout{5'000};
  /// Chooses one of the sub-protocols that a WebSocket client offers; empty: none.
  std::function<std::string(const std::vector<std::string_view>&)> sub_protocol_selector = {};
  /// A poll that finds no data is answered, empty, after that long. 1 s or more.
  std::chrono::milliseconds poll_timeout{90'000};
  /// How long a connection lives that no transport carries: one that was negotiated and never
  /// begun, or between two polls, or whose WebSocket was lost and may come back; and how long what
  /// a client had sent over a WebSocket is still read when it has gone, or sent its Close. 1 s or
  /// more.
  std::chrono::milliseconds disconnect_timeout{15'000};
  /// How many connections may live so at a time; with one more the one that has waited longest
  /// ends, and its client is answered 404. 1 or more.
  std::size_t maximum_waiting_connections = 10'000;
  /// Ends connections whose user's token expires (claims_principal::expires); the client may come
  /// back with a new one.
  bool close_on_authentication_expiration = false;
  /// Lets clients bring newer credentials for a connection that they have: `POST <path>/refresh`,
  /// as .NET's clients do from version 11 on before their token expires. Calls that begin later see
  /// the new claims; the user of a connection never becomes another one.
  bool enable_authentication_refresh = false;
  /// May refuse (false) newer credentials, whatever request brings them: that of a refresh, a poll,
  /// or a WebSocket that comes back; the request is answered 403. Thread rule: the connection's
  /// loop, many connections at once. Empty: all are taken.
  std::function<bool(const claims_principal& old_user, const claims_principal& new_user)>
      on_authentication_refresh = {};
  /// Lets clients that ask for it come back after the loss of a WebSocket to the connection they
  /// had, with nothing lost: see `hub_options::stateful_reconnect_buffer_size`.
  bool allow_stateful_reconnects = false;
  /// What happens to messages for clients that are too slow.
  signalr::overflow_policy overflow_policy = overflow_policy::disconnect;
  /// The most bytes that wait for one client, of which each message counts 128 more than it has;
  /// not less than `transport_max_buffer_size`. ASP.NET Core has no such limit: what is not awaited
  /// there fills the memory. What other threads send may also wait for the client's event loop
  /// while that is busy: four times as much for each client and each group, of which each message
  /// counts 512 more; for what is beyond, `overflow_policy` holds.
  std::size_t send_buffer_limit = 8 * 1024 * 1024;
  /// The bytes that may wait for all clients of the process, whichever endpoint they are of; a
  /// message that many wait for counts once. Where more waits, a client of this endpoint that has
  /// `transport_max_buffer_size` waiting, and has taken nothing for half a second, is over its
  /// limit; at twice as much each is that has so much waiting. Calls whose answers are not
  /// acknowledged wait, too. Not less than `send_buffer_limit`.
  std::size_t process_send_buffer_limit = 256 * 1024 * 1024;
  /// Who may connect: all of these must hold. A client that nobody has authenticated gets 401,
  /// another one 403, for the negotiation as for every transport.
  std::vector<authorization_policy> authorization = {};

  void validate() const;
};

}  // namespace saker::signalr
