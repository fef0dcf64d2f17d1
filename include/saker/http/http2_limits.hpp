#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace saker {

/// What a connection of HTTP/2 (RFC 9113) is granted, beside http_limits, which hold for it too.
///
/// The first group has Kestrel's names and defaults. The second is against abuse: a client that
/// goes over one of them gets GOAWAY with ENHANCE_YOUR_CALM (11) and loses the connection, unless
/// its description says otherwise. `validate` throws `std::invalid_argument` that names the option
/// and the allowed range.
struct http2_limits {
  /// Streams (requests and WebSockets) at a time, announced to the client; one more is refused with
  /// REFUSED_STREAM. 1 or more.
  std::uint32_t max_streams_per_connection = 100;
  /// Bytes of the table that the client may compress its header fields with (HPACK). 0 or more.
  std::uint32_t header_table_size = 4096;
  /// Bytes of the largest frame that the client may send: 16,384..16,777,215.
  std::uint32_t max_frame_size = 16 * 1024;
  /// Bytes of one request header field, name and value; over it GOAWAY. 1..65,536.
  std::uint32_t max_request_header_field_size = 32 * 1024;
  /// Bytes that a client may have on their way, over all streams: 65,535..2,147,483,647.
  std::uint32_t initial_connection_window_size = 1024 * 1024;
  /// Bytes that a client may send on one stream ahead of its handler: 65,535..2,147,483,647.
  std::uint32_t initial_stream_window_size = 768 * 1024;
  /// Without a frame for that long, a PING asks whether the client is still there. 1 s or more;
  /// `std::chrono::milliseconds::max()` (default) for never.
  std::chrono::milliseconds keep_alive_ping_delay = std::chrono::milliseconds::max();
  /// How long a client may leave that PING unanswered; over it GOAWAY with INTERNAL_ERROR. 1 s or
  /// more; `std::chrono::milliseconds::max()` for ever.
  std::chrono::milliseconds keep_alive_ping_timeout{20'000};

  /// Bytes that may wait, over all streams, for handlers that do not read. Below it a handler that
  /// does not read stops its own stream and no other; above it the whole connection waits for the
  /// handlers. Against clients that fill a hundred windows. 1 or more.
  std::size_t max_connection_buffer_size = 16 * 1024 * 1024;
  /// Streams that end by RST_STREAM, whichever side sends it, before the connection counts as an
  /// attack, and how many a second are forgiven. Against rapid reset (CVE-2023-44487) and its twin
  /// in which the server is made to reset (CVE-2025-8671). 1 or more.
  std::uint32_t stream_reset_burst = 500;
  std::uint32_t stream_reset_rate = 33;
  /// The same for frames that carry nothing: PING, SETTINGS, PRIORITY, empty DATA,
  /// and more than ten WINDOW_UPDATE for each DATA frame that was sent. Against floods
  /// (CVE-2019-9512, -9513, -9515, -9518). 1 or more.
  std::uint32_t control_frame_burst = 2000;
  std::uint32_t control_frame_rate = 200;
  /// Answers to PING and SETTINGS that may wait for a client that does not read. 1 or more.
  std::size_t max_queued_acknowledgements = 1000;
  /// Settings in one SETTINGS frame. 1 or more.
  std::size_t max_settings_per_frame = 32;
  /// CONTINUATION frames after one HEADERS frame (CVE-2024-28182). 1 or more.
  std::size_t max_continuations = 8;
  /// Streams that are refused, within five seconds, because too many reset ones still run in the
  /// application, for each of these seconds. 0: never too many.
  std::uint32_t max_enhance_your_calm_count = 20;

  void validate() const;
};

}  // namespace saker
