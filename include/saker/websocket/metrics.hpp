#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace saker {

/// Counts what a server's WebSockets have done since its start, as returned by
/// `web_application::websocket_metrics` on any thread. They are summed over the loops, each of
/// which counts for itself without locks, so the numbers may be a moment apart from each other.
///
/// Example:
/// ```cpp
/// const auto now = app.websocket_metrics();
/// std::printf("%llu open, %llu lost\n", static_cast<unsigned long long>(now.open),
///             static_cast<unsigned long long>(now.closed(1006)));
/// ```
struct websocket_metrics {
  std::uint64_t opened = 0;             ///< Accepted sockets.
  std::uint64_t opened_over_http2 = 0;  ///< Of these, sockets on HTTP/2 streams.
  std::uint64_t open = 0;               ///< Sockets that have not ended.

  /// Ended sockets by the status code of the first Close, from either side. Codes 1000 to 1015 have
  /// a counter each; 1005 counts a Close without a status, 1006 an end without a Close.
  std::array<std::uint64_t, 16> closed_by_standard_code{};
  std::uint64_t closed_by_registered_code = 0;  ///< 3000 to 3999.
  std::uint64_t closed_by_private_code = 0;     ///< 4000 to 4999.
  std::uint64_t closed(unsigned code) const noexcept {
    if (code >= 1000 && code <= 1015) return closed_by_standard_code[code - 1000];
    return code >= 4000 ? closed_by_private_code : closed_by_registered_code;
  }

  // Frames of every kind, and their bytes on the wire, including frame headers.
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;

  // Payload bytes of compressed messages, as sent on the wire and uncompressed.
  std::uint64_t compressed_bytes_received = 0;
  std::uint64_t inflated_bytes_received = 0;
  std::uint64_t compressed_bytes_sent = 0;
  std::uint64_t uncompressed_bytes_sent = 0;

  std::uint64_t messages_dropped = 0;  ///< By an overflow policy, including by `try_send`.
  std::uint64_t pings_sent = 0;
  std::uint64_t keep_alive_timeouts = 0;
  std::uint64_t idle_timeouts = 0;
  std::uint64_t send_timeouts = 0;
  std::uint64_t close_timeouts = 0;

  websocket_metrics& operator+=(const websocket_metrics& other) noexcept;
};

}  // namespace saker
