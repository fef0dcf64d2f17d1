#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saker/async/task.hpp>
#include <saker/http/message/cookies.hpp>
#include <saker/http/message/headers.hpp>

namespace saker {

namespace http {
class exchange;
}

/// Sends the response to a request.
///
/// Purpose: set status and headers, then send the body at once (`send`) or piece by piece
/// (`write`). The first byte of the body starts the response; afterwards status and headers are
/// fixed. Without Content-Length, a streamed body is chunked (HTTP/1.1) or ends with the connection
/// (HTTP/1.0).
///
/// Owner: the http_context. Thread rule: the event loop of the connection. Back-pressure: `write`
/// completes when fewer than `http_limits::max_response_buffer_size` bytes wait for the client.
/// Cancellation: when the client goes away, writes fail with `std::errc::connection_reset` and
/// `http_context::request_aborted` is signalled. Errors: changing status or headers after the
/// start, writing more than Content-Length, or writing a body where none is allowed throws
/// `std::logic_error`. Reference: RFC 9110, RFC 9112.
///
/// Example:
/// ```cpp
/// auto& response = context.response();
/// response.set_content_type("text/csv");
/// for (int row = 0; row < 1000; ++row) co_await response.write(std::to_string(row) + ",\n");
/// ```
class http_response {
 public:
  explicit http_response(http::exchange& exchange) noexcept;
  ~http_response();
  http_response(const http_response&) = delete;
  http_response& operator=(const http_response&) = delete;

  int status() const noexcept { return status_; }
  /// Sets the status: 200..599, else `std::invalid_argument`. Saker itself sends informational
  /// responses (100 when the handler reads the body, 101 with `websocket_manager::accept`).
  void set_status(int status);

  saker::headers& headers();
  const saker::headers& headers() const noexcept { return headers_; }

  void set_content_type(std::string_view type) { headers().set("Content-Type", type); }
  void set_content_length(std::uint64_t bytes);

  /// Adds a `Set-Cookie` field.
  void append_cookie(std::string_view name, std::string_view value,
                     const cookie_options& options = {});
  /// Tells the client to delete the cookie; path and domain must be those it was set with.
  void delete_cookie(std::string_view name, cookie_options options = {});

  /// Adds a trailer field (RFC 9110, section 6.5). It is left out where the protocol has no place
  /// for it: in a response without a body, and on HTTP/1.1 in one that is not chunked.
  void append_trailer(std::string_view name, std::string_view value);

  /// Registers a function to call just before the head is sent: the last chance to change it.
  void on_starting(std::function<void(http_response&)> callback);

  /// Returns true once the head has been sent.
  bool has_started() const noexcept { return started_; }

  /// Sends the whole body with its Content-Length, and with the content type if given. `send` and
  /// `write` take the data during the call; the task only waits for the client.
  task<void> send(std::string_view body, std::string_view content_type = {});

  /// Sends one piece of the body.
  task<void> write(std::span<const std::byte> data);
  task<void> write(std::string_view text);

  /// Sends the head now, so that the client receives it before any body.
  task<void> start();

  /// Internal: sets the status 101 and the field that belongs to it.
  void switch_protocols();
  /// Internal: runs the on_starting callbacks and fixes the head.
  void mark_started();
  /// Internal: returns the trailers so far, or null.
  const saker::headers* trailers() const noexcept;
  /// Internal: frees the memory of the headers after an upgrade.
  void release_headers() noexcept;
  /// Internal: removes, before the start, the fields that describe content that will not be sent,
  /// because another component answers. Fields that middleware sets on every response stay.
  void discard_content();

 private:
  struct details;

  http::exchange& exchange_;
  int status_ = 200;
  bool started_ = false;
  saker::headers headers_;
  std::unique_ptr<details> details_;
};

}  // namespace saker
