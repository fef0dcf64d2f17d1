#pragma once

#include <saker/app/web_application.hpp>

namespace saker::app {

/// The handler behind `map_websocket`. The defaults apply where `use_websockets` has not been
/// called; they outlive the handler. One that does not use the context lets the request go.
request_delegate websocket_endpoint(const websocket_options& defaults, websocket_handler handler,
                                    const websocket_accept_options& options, bool uses_context);

}  // namespace saker::app
