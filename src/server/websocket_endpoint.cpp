#include "server/websocket_endpoint.hpp"

#include <memory>
#include <string>
#include <utility>

#include "websocket/accept.hpp"
#include "websocket/handshake.hpp"

namespace saker::server {
namespace {

task<void> refuse_plain_request(http_context& context) {
  context.response().set_status(400);
  return context.response().send("This is a WebSocket endpoint.\n", "text/plain; charset=utf-8");
}

/// True also for a handshake of another version, which `accept` answers itself.
bool asks_for_websocket(http_context& context) {
  if (context.websockets().is_websocket_request()) return true;
  return websockets::classify(context.request()) == websockets::handshake::of_other_version;
}

}  // namespace

request_delegate websocket_endpoint(const websocket_options& defaults, websocket_handler handler,
                                    const websocket_accept_options& options) {
  websockets::validate(options);
  auto owned = options;
  const auto sub_protocol = std::make_shared<const std::string>(options.sub_protocol);
  owned.sub_protocol = *sub_protocol;
  // No coroutine of its own: a waiting socket holds the frame of its handler and no other.
  return [&defaults, handler = std::move(handler), owned, sub_protocol](http_context& context) {
    if (!context.websocket_defaults()) context.set_websocket_defaults(&defaults);
    if (!asks_for_websocket(context)) return refuse_plain_request(context);
    return handler(websockets::accept_now(context, owned), context);
  };
}

}  // namespace saker::server
