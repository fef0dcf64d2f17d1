#pragma once

#include <saker/websocket/manager.hpp>

namespace saker::websockets {

/// `websocket_manager::accept` without a coroutine: the answer is only queued, so there is nothing
/// to wait for.
websocket accept_now(http_context& context, const websocket_accept_options& options);

/// Throws the `http_error` 426 that answers a handshake of another version (RFC 6455, section 4.4;
/// RFC 9110, section 15.5.22); nothing for other requests.
void require_known_version(const http_request& request);

/// Throws `std::invalid_argument` for an option that is out of its range, whatever the request.
void validate(const websocket_accept_options& options);

}  // namespace saker::websockets
