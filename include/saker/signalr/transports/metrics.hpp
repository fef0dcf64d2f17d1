#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/signalr/transports/connection_options.hpp>

namespace saker::signalr {

/// Says how a connection ended: the values of the tag `signalr.connection.status`.
enum class connection_end : std::uint8_t { normal_closure = 0, timeout = 1, app_shutdown = 2 };

/// Counts the connections of all hubs and of map_connection since the start, as `signalr::metrics`
/// returns them on any thread. The counterpart of
/// `signalr.server.active_connections` and `signalr.server.connection.duration`.
///
/// Example:
/// ```cpp
/// const auto now = signalr::metrics(app);
/// std::printf("%llu over WebSockets\n", static_cast<unsigned long long>(now.websockets.active));
/// ```
struct connection_metrics {
  struct of_transport {
    std::uint64_t begun = 0;
    std::uint64_t active = 0;
    std::array<std::uint64_t, 3> ended{};  ///< By connection_end.
    std::chrono::nanoseconds duration{0};  ///< Sum over the connections that have ended.

    of_transport& operator+=(const of_transport& other) noexcept;
  };

  of_transport websockets;
  of_transport server_sent_events;
  of_transport long_polling;
  /// Messages dropped by overflow_policy; with `disconnect`, those that ended their connection.
  std::uint64_t messages_dropped = 0;

  connection_metrics& operator+=(const connection_metrics& other) noexcept;
};

/// Returns the counters of an application's connections; all zero without SignalR. Any thread.
///
///     const auto open = signalr::metrics(app).websockets.active;
connection_metrics metrics(const feature_host& host);

}  // namespace saker::signalr
