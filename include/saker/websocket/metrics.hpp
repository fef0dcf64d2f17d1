#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace saker {

/// What the WebSockets of a server have done since it started: `web_application::websocket_metrics`
/// gives one from any thread, summed over the loops, each of which counts for itself without locks.
/// The numbers of one value may be a moment apart from each other.
struct websocket_metrics {
  std::uint64_t opened = 0;             ///< Accepted sockets.
  std::uint64_t opened_over_http2 = 0;  ///< Of them, those on streams of HTTP/2.
  std::uint64_t open = 0;               ///< How many have not ended.

  /// Ended sockets by the code of the Close that ended them: the first one, whichever side sent
  /// it. Codes 1000 to 1015 by themselves, 1005 for a Close without one; 1006 without a Close.
  std::array<std::uint64_t, 16> closed_by_standard_code{};
  std::uint64_t closed_by_registered_code = 0;  ///< 3000 to 3999.
  std::uint64_t closed_by_private_code = 0;     ///< 4000 to 4999.
  std::uint64_t closed(unsigned code) const noexcept {
    if (code >= 1000 && code <= 1015) return closed_by_standard_code[code - 1000];
    return code >= 4000 ? closed_by_private_code : closed_by_registered_code;
  }

  // Frames of every kind, and their bytes on the wire, headers included.
  std::uint64_t frames_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;

  // Compressed messages: their payloads as they were on the wire, and uncompressed.
  std::uint64_t compressed_bytes_received = 0;
  std::uint64_t inflated_bytes_received = 0;
  std::uint64_t compressed_bytes_sent = 0;
  std::uint64_t uncompressed_bytes_sent = 0;

  std::uint64_t messages_dropped = 0;  ///< By an overflow policy, `try_send` included.
  std::uint64_t pings_sent = 0;
  std::uint64_t keep_alive_timeouts = 0;
  std::uint64_t idle_timeouts = 0;
  std::uint64_t send_timeouts = 0;
  std::uint64_t close_timeouts = 0;

  websocket_metrics& operator+=(const websocket_metrics& other) noexcept;
};

}  // namespace saker
