#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <saker/core/task.hpp>
#include <saker/http/context.hpp>
#include <saker/http/middleware.hpp>
#include <saker/websocket/options.hpp>
#include <saker/websocket/websocket.hpp>

namespace saker {

/// The WebSocket side of a request: `context.websockets()`. A small value; its http_context owns
/// what it refers to. Thread rule: that of the http_context.
class websocket_manager {
 public:
  explicit websocket_manager(http_context& context) noexcept : context_(&context) {}

  /// True when the request is a valid WebSocket handshake, an upgrade of HTTP/1.1 (RFC 6455,
  /// section 4.2.1) or an extended CONNECT of HTTP/2 (RFC 8441, section 5), and `use_websockets`
  /// came earlier in the pipeline.
  bool is_websocket_request() const;

  /// The sub-protocols that the client offered, in its order.
  std::vector<std::string_view> requested_protocols() const;

  /// Answers the handshake, with 101 or on HTTP/2 with the status of the response, which must be
  /// 2xx (200 if nobody has set it), and gives the socket. Errors: `std::logic_error` "WebSockets
  /// are not supported" without `use_websockets`; http_error 426 (with `Sec-WebSocket-Version: 13`
  /// and `Upgrade: websocket`) for a handshake of another version; `std::logic_error` "Not a
  /// WebSocket request." for any other request; `std::invalid_argument` for a sub-protocol that the
  /// client did not offer.
  task<websocket> accept(const websocket_accept_options& options = {});
  /// The same, with a sub-protocol.
  task<websocket> accept(std::string_view sub_protocol);

 private:
  http_context* context_;
};

/// Middleware that makes WebSockets available to everything after it. Requests that are no
/// WebSocket requests pass untouched.
middleware websockets_middleware(websocket_options options = {});

}  // namespace saker
