#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <saker/http/exchange/http2_limits.hpp>

namespace saker {

/// Limits the HTTP server, which protects it from slow, large or many requests.
///
/// Every limit has Kestrel's default and Kestrel's response. `validate`, which web_application
/// calls when it is given limits, throws `std::invalid_argument` that names the option and the
/// allowed range.
///
/// Example:
/// ```cpp
/// app.set_limits({.max_request_body_size = 1024 * 1024, .request_headers_timeout = 10s});
/// ```
struct http_limits {
  /// Concurrent connections; one more is closed at once, without an answer, and a warning is logged
  /// (at most once a second). Upgraded connections do not count. 1 or more. Absent: no limit.
  std::optional<std::size_t> max_concurrent_connections = {};
  /// Concurrent upgraded connections (WebSockets); beyond it, `accept` throws http_error 503. 0 or
  /// more. Absent: no limit.
  std::optional<std::size_t> max_concurrent_upgraded_connections = {};
  /// Bytes of the request line; exceeding it: 414. 1 or more.
  std::size_t max_request_line_size = 8 * 1024;
  /// Bytes of all header fields together; exceeding it: 431. 1 or more.
  std::size_t max_request_headers_total_size = 32 * 1024;
  /// Number of header fields; exceeding it: 431. 1 or more.
  std::size_t max_request_header_count = 100;
  /// Bytes of a request body; exceeding it: 413. Absent: no limit.
  std::optional<std::uint64_t> max_request_body_size = 30'000'000;
  /// Time from the first byte of a request to the end of its headers; exceeding it: 408. More than
  /// 0; `std::chrono::milliseconds::max()` for no limit.
  std::chrono::milliseconds request_headers_timeout{30'000};
  /// Time between two requests of a connection; exceeding it closes the connection. More than 0;
  /// `std::chrono::milliseconds::max()` for no limit.
  std::chrono::milliseconds keep_alive_timeout{130'000};
  /// The lowest rate of a request body, in bytes per second; a body below it, after
  /// `min_data_rate_grace_period`, ends with 408; 0 turns the limit off. Only time in which the
  /// handler waits for the body counts. Received data buys at most four grace periods of silence,
  /// and one second while the server stops.
  std::uint32_t min_request_body_data_rate = 240;
  /// The lowest rate at which a client must take a waiting response, in bytes per second; a slower
  /// client, after the grace period, loses its connection, whether or not its handler still writes;
  /// 0 turns the limit off. (WebSockets have `websocket_options::send_timeout` instead.)
  std::uint32_t min_response_data_rate = 240;
  /// How long a client may stay below the rates above. More than 1 s.
  std::chrono::milliseconds min_data_rate_grace_period{5'000};
  /// Response bytes that may wait for a slow client before `write` suspends. 0: each write waits
  /// until the system has taken all of it. Absent: no limit.
  std::optional<std::size_t> max_response_buffer_size = 64 * 1024;
  /// Bytes of a request body read ahead of the handler (HTTP/2: a window of 16 KiB or more). 1 or
  /// more.
  std::size_t max_request_buffer_size = 1024 * 1024;

  /// Limits of HTTP/2 only.
  http2_limits http2 = {};

  void validate() const;
};

}  // namespace saker
