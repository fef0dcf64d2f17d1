#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <saker/websocket/prepared_message.hpp>
#include <saker/websocket/types.hpp>

namespace saker {

class websocket;

/// Sockets that get the same messages: a room, a topic, a screen.
///
/// Purpose: `broadcast` frames a message once (and compresses it once for each window that members
/// have agreed on), hands it to each loop once, and there to each member; messages of one turn of a
/// loop leave in one system call for each member. Every member gets the messages of one thread in
/// the order of the calls, and in order with what that thread sends to it by itself on its loop.
///
/// Owner: the application. It does not keep its members alive; a member that ends leaves by itself.
/// It must not be used while, nor have members after, their web_application is destroyed.
///
/// Thread rule: every member function may be called from any thread, handlers included, and
/// returns at once. On the member's own loop it takes effect before it returns.
///
/// Limits: a slow member delays nobody. For one that has `websocket_options::send_buffer_limit`
/// bytes waiting the group's overflow policy holds, whatever its own: `close` (default) ends it
/// with 1008, so that no message is missing unnoticed; `drop` leaves messages out.
class websocket_group {
 public:
  /// `std::invalid_argument` for the policy `wait`.
  explicit websocket_group(
      websocket_overflow_policy overflow_policy = websocket_overflow_policy::close);
  websocket_group(const websocket_group&) = delete;
  websocket_group& operator=(const websocket_group&) = delete;
  /// The members stay open.
  ~websocket_group();

  /// Adding twice changes nothing; a socket may be in many groups.
  void add(const websocket& socket);
  void remove(const websocket& socket);

  /// False: some members do not get it, because 16 MiB of broadcasts wait already for their loop to
  /// take them. (What waits for a single member is the overflow policy's.)
  bool broadcast(const websocket_prepared_message& message);
  bool broadcast(std::string_view text) { return broadcast(websocket_prepared_message(text)); }
  /// To all but one.
  bool broadcast_except(const websocket& excluded, const websocket_prepared_message& message);
  bool broadcast_except(const websocket& excluded, std::string_view text) {
    return broadcast_except(excluded, websocket_prepared_message(text));
  }

  /// The members; one that another loop is just adding counts already, one that it is just removing
  /// counts still.
  std::size_t size() const noexcept;

 private:
  struct implementation;

  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
