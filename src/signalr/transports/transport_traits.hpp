#pragma once

#include <string_view>

#include <saker/signalr/transports/connection_context.hpp>

namespace saker::signalr {

/// Returns what a transport is called on the wire.
constexpr std::string_view name_of(transport_type transport) noexcept {
  switch (transport) {
    case transport_type::server_sent_events: return "ServerSentEvents";
    case transport_type::long_polling: return "LongPolling";
    default: return "WebSockets";
  }
}

/// Returns whether a transport can frame such bytes: a text/event-stream has none for binary ones.
constexpr bool carries(transport_type transport, transfer_format format) noexcept {
  return format == transfer_format::text || transport != transport_type::server_sent_events;
}

}  // namespace saker::signalr
