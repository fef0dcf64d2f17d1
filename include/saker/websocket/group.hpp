#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <saker/websocket/prepared_message.hpp>
#include <saker/websocket/types.hpp>

namespace saker {

class websocket;

/// Sends the same messages to a set of sockets: a chat, a topic, a dashboard.
///
/// Purpose: `broadcast` frames a message once, compresses it once for each window size that the
/// members negotiated, hands it to each loop once, and there to each member. Messages of one turn
/// of a loop leave in one system call for each member. Each member receives the messages of one
/// thread in the order of the calls, and in order with the messages that this thread sends to the
/// member directly on the member's loop.
///
/// Owner: the application. The group does not keep its members alive; a member that ends leaves the
/// group by itself. Once the members' web_application is destroyed, the group must have no members
/// and must not be used.
///
/// Thread rule: every member function may be called from any thread, including from handlers, and
/// returns at once. On the member's own loop it takes effect before it returns.
///
/// Limits: a slow member does not delay the others. When `websocket_options::send_buffer_limit`
/// bytes wait for a member, the group's overflow policy applies instead of the member's own:
/// `disconnect` (default) ends the socket with Close 1008, so that no message is lost unnoticed;
/// `drop_newest` drops the message. The others are refused.
///
/// Example:
/// ```cpp
/// websocket_group room;
/// room.add(socket);
/// const auto message = co_await socket.receive_message();
/// room.broadcast_except(socket, message.text());
/// ```
class websocket_group {
 public:
  /// Throws `std::invalid_argument` for the policy `wait`.
  explicit websocket_group(overflow_policy policy = overflow_policy::disconnect);
  websocket_group(const websocket_group&) = delete;
  websocket_group& operator=(const websocket_group&) = delete;
  /// Leaves the members open.
  ~websocket_group();

  /// Adds a socket. Adding it twice has no effect; a socket may be in many groups.
  void add(const websocket& socket);
  void remove(const websocket& socket);

  /// Sends a message to all members. Returns false when some members do not receive it, because 16
  /// MiB of broadcasts already wait for their loop to take them. (The overflow policy limits what
  /// waits for a single member.)
  bool broadcast(const websocket_prepared_message& message);
  bool broadcast(std::string_view text) { return broadcast(websocket_prepared_message(text)); }
  /// Sends a message to all members but one.
  bool broadcast_except(const websocket& excluded, const websocket_prepared_message& message);
  bool broadcast_except(const websocket& excluded, std::string_view text) {
    return broadcast_except(excluded, websocket_prepared_message(text));
  }

  /// Returns the number of members. A member that another loop is still adding counts already; one
  /// that it is still removing counts too.
  std::size_t size() const noexcept;

 private:
  struct implementation;

  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
