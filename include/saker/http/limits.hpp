#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <saker/http/http2_limits.hpp>

namespace saker {

/// What the server grants to clients, against those that are slow, huge or many.
///
/// Every limit has the default of Kestrel and the same answer. `validate` (called by
/// web_application when it is given limits) throws `std::invalid_argument` that names the option
/// and the allowed range.
struct http_limits {
  /// Connections at a time; one more is closed at once, without an answer, and a warning is logged
  /// (once a second at most). Upgraded connections do not count. 1 or more. Absent: no limit.
  std::optional<std::size_t> max_concurrent_connections = {};
  /// Upgraded connections (WebSockets) at a time; over it `accept` throws http_error 503. 0 or
  /// more. Absent: no limit.
  std::optional<std::size_t> max_concurrent_upgraded_connections = {};
  /// Bytes of the request line; over it 414. 1 or more.
  std::size_t max_request_line_size = 8 * 1024;
  /// Bytes of all header fields together; over it 431. 1 or more.
  std::size_t max_request_headers_total_size = 32 * 1024;
  /// Header fields; over it 431. 1 or more.
  std::size_t max_request_header_count = 100;
  /// Bytes of a request body; over it 413. Absent: no limit.
  std::optional<std::uint64_t> max_request_body_size = 30'000'000;
  /// From the first byte of a request to the end of its headers; over it 408. More than 0;
  /// `std::chrono::milliseconds::max()` for no limit.
  std::chrono::milliseconds request_headers_timeout{30'000};
  /// Between two requests of a connection; over it the connection is closed. More than 0;
  /// `std::chrono::milliseconds::max()` for no limit.
  std::chrono::milliseconds keep_alive_timeout{130'000};
  /// A body that stays below this rate, after `min_data_rate_grace_period`, ends with 408;
  /// 0 turns it off. Bytes per second. The time counts in which the handler waits for the body;
  /// what has come buys at most four grace periods of silence, while the server stops a second.
  std::uint32_t min_request_body_data_rate = 240;
  /// A client that takes less of what waits for it than this, after the grace period, loses its
  /// connection, whether its handler still writes or not; 0 turns it off. Bytes per second.
  /// (WebSockets have `websocket_options::send_timeout` instead.)
  std::uint32_t min_response_data_rate = 240;
  /// More than 1 s.
  std::chrono::milliseconds min_data_rate_grace_period{5'000};
  /// Response bytes that may wait for a slow client before `write` suspends. 0: each write waits
  /// until the system has taken all of it. Absent: no limit.
  std::optional<std::size_t> max_response_buffer_size = 64 * 1024;
  /// Request body bytes read ahead of the handler (HTTP/2: a window of 16 KiB or more). 1 or more.
  std::size_t max_request_buffer_size = 1024 * 1024;

  /// What concerns HTTP/2 alone.
  http2_limits http2 = {};

  void validate() const;
};

}  // namespace saker
