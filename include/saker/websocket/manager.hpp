#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saker/async/task.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/http/pipeline/middleware.hpp>
#include <saker/websocket/options.hpp>
#include <saker/websocket/websocket.hpp>

namespace saker {

/// Accepts the WebSocket handshake of a request; returned by `context.websockets()`. A small value;
/// the http_context owns what it refers to. Thread rule: that of the http_context.
///
/// Example:
/// ```cpp
/// if (!context.websockets().is_websocket_request()) throw http_error(400);
/// auto accepted = co_await context.websockets().accept({.idle_timeout = 60s});
/// co_await accepted.send("Welcome.");
/// ```
class websocket_manager {
 public:
  explicit websocket_manager(http_context& context) noexcept : context_(&context) {}

  /// Returns true when the request is a valid WebSocket handshake, an HTTP/1.1 upgrade (RFC 6455,
  /// section 4.2.1) or an HTTP/2 extended CONNECT (RFC 8441, section 5), and `use_websockets` came
  /// earlier in the pipeline.
  bool is_websocket_request() const;

  /// Returns the sub-protocols that the client offered, in the client's order.
  std::vector<std::string_view> requested_protocols() const;

  /// Accepts the handshake and returns the socket. Answers with 101; on HTTP/2 with the response's
  /// status, which must be 2xx (200 unless set). Errors: `std::logic_error` "WebSockets are not
  /// supported" without `use_websockets`; http_error 426 (with `Sec-WebSocket-Version: 13` and
  /// `Upgrade: websocket`) for a handshake of another version; `std::logic_error` "Not a WebSocket
  /// request." for any other request; `std::invalid_argument` for a sub-protocol that the client
  /// did not offer.
  task<websocket> accept(const websocket_accept_options& options = {});
  /// Accepts the handshake with a sub-protocol.
  task<websocket> accept(std::string_view sub_protocol);

 private:
  http_context* context_;
};

/// Returns middleware that makes WebSockets available to everything after it. Other requests pass
/// through unchanged.
middleware websockets_middleware(websocket_options options = {});

}  // namespace saker
