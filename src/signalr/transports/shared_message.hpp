#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <saker/websocket/types.hpp>

#include "websocket/writer/prepared.hpp"

namespace saker::signalr {

/// A whole message of the application, as all who get it share it. It knows its frame for
/// WebSockets; the other transports frame its payload.
using shared_message = std::shared_ptr<const websockets::prepared>;

/// Makes one, which is counted among what waits for clients.
shared_message share(std::span<const std::byte> data, websocket_message_type type);

}  // namespace saker::signalr
