#include "app/websocket_endpoint.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "websocket/handshake/accept.hpp"
#include "websocket/handshake/handshake.hpp"

namespace saker::app {
namespace {

task<void> refuse(http_context& context, std::string_view why) {
  context.response().set_status(400);
  return context.response().send(why, "text/plain; charset=utf-8");
}

/// What is wrong with a request that `accept` does not answer itself, as it does a handshake of
/// another version. Empty: nothing.
std::string_view fault_of(http_context& context, std::string_view sub_protocol) {
  const auto asked = websockets::classify(context.request());
  if (asked == websockets::handshake::of_other_version) return {};
  if (!context.websockets().is_websocket_request()) return "This is a WebSocket endpoint.\n";
  if (!sub_protocol.empty() && !websockets::is_offered(context.request(), sub_protocol)) {
    return "The WebSocket sub-protocol of this endpoint was not offered.\n";
  }
  return {};
}

}  // namespace

request_delegate websocket_endpoint(const websocket_options& defaults, websocket_handler handler,
                                    const websocket_accept_options& options, bool uses_context) {
  websockets::validate(options);
  auto owned = options;
  const auto sub_protocol = std::make_shared<const std::string>(options.sub_protocol);
  owned.sub_protocol = *sub_protocol;
  // No coroutine of its own: a waiting socket holds the frame of its handler and no other.
  return [&defaults, handler = std::move(handler), owned, sub_protocol,
          uses_context](http_context& context) {
    if (!context.websocket_defaults()) context.set_websocket_defaults(&defaults);
    if (const auto why = fault_of(context, *sub_protocol); !why.empty()) {
      return refuse(context, why);
    }
    auto work = handler(websockets::accept_now(context, owned), context);
    if (!uses_context) context.set_detachable(work);
    return work;
  };
}

}  // namespace saker::app
