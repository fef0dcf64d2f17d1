#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace saker {

/// Limits an HTTP/2 connection (RFC 9113), in addition to http_limits, which apply as well.
///
/// The first group has Kestrel's names and defaults. The second protects against abuse: a client
/// that exceeds one of them receives GOAWAY with ENHANCE_YOUR_CALM (11) and loses the connection,
/// unless the limit's description says otherwise. `validate` throws `std::invalid_argument` that
/// names the option and the allowed range.
///
/// Example:
/// ```cpp
/// http_limits limits;
/// limits.http2.max_streams_per_connection = 250;
/// limits.http2.keep_alive_ping_delay = 30s;
/// app.set_limits(limits);
/// ```
struct http2_limits {
  /// Concurrent streams (requests and WebSockets), announced to the client; one more is refused
  /// with REFUSED_STREAM. 1 or more.
  std::uint32_t max_streams_per_connection = 100;
  /// Bytes of the table with which the client may compress its header fields (HPACK, RFC 7541). 0
  /// or more.
  std::uint32_t header_table_size = 4096;
  /// Bytes of the largest frame that the client may send: 16,384..16,777,215.
  std::uint32_t max_frame_size = 16 * 1024;
  /// Bytes of one request header field, name and value; exceeding it: GOAWAY. 1..65,536.
  std::uint32_t max_request_header_field_size = 32 * 1024;
  /// Bytes that a client may have in flight over all streams: 65,535..2,147,483,647.
  std::uint32_t initial_connection_window_size = 1024 * 1024;
  /// Bytes that a client may send on one stream ahead of its handler: 65,535..2,147,483,647.
  std::uint32_t initial_stream_window_size = 768 * 1024;
  /// After this long without a frame, a PING checks whether the client is still there. 1 s or more;
  /// `std::chrono::milliseconds::max()` (default): never.
  std::chrono::milliseconds keep_alive_ping_delay = std::chrono::milliseconds::max();
  /// How long a client may take to answer that PING; exceeding it: GOAWAY with INTERNAL_ERROR. 1 s
  /// or more; `std::chrono::milliseconds::max()`: no limit.
  std::chrono::milliseconds keep_alive_ping_timeout{20'000};

  /// Bytes that may wait, over all streams, for handlers that do not read. Below the limit, a
  /// handler that does not read stops only its own stream; above it, the whole connection waits for
  /// the handlers. Protects against clients that fill a hundred windows. 1 or more.
  std::size_t max_connection_buffer_size = 16 * 1024 * 1024;
  /// How many streams may end by RST_STREAM, from either side, before the connection counts as an
  /// attack, and how many per second are forgiven. Protects against rapid reset (CVE-2023-44487)
  /// and its counterpart in which the server is made to reset (CVE-2025-8671). 1 or more.
  std::uint32_t stream_reset_burst = 500;
  std::uint32_t stream_reset_rate = 33;
  /// The same for frames that carry nothing: PING, SETTINGS, PRIORITY, empty DATA, and more than
  /// ten WINDOW_UPDATE for each DATA frame sent. Protects against floods (CVE-2019-9512, -9513,
  /// -9515, -9518). 1 or more.
  std::uint32_t control_frame_burst = 2000;
  std::uint32_t control_frame_rate = 200;
  /// Acknowledgements of PING and SETTINGS that may wait for a client that does not read. 1 or
  /// more.
  std::size_t max_queued_acknowledgements = 1000;
  /// Settings in one SETTINGS frame. 1 or more.
  std::size_t max_settings_per_frame = 32;
  /// CONTINUATION frames after one HEADERS frame (CVE-2024-28182). 1 or more.
  std::size_t max_continuations = 8;
  /// Streams per second, averaged over five seconds, that may be refused because too many reset
  /// streams still run in the application. 0: no limit.
  std::uint32_t max_enhance_your_calm_count = 20;

  void validate() const;
};

}  // namespace saker
