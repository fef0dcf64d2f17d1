#pragma once

#include <saker/websocket/manager.hpp>

namespace saker::websockets {

/// `websocket_manager::accept` without a coroutine: the answer is only queued, so there is nothing
/// to wait for.
websocket accept_now(http_context& context, const websocket_accept_options& options);

/// Throws `std::invalid_argument` for an option that is out of its range, whatever the request.
void validate(const websocket_accept_options& options);

}  // namespace saker::websockets
