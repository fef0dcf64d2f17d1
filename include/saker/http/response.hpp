#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <saker/core/task.hpp>
#include <saker/http/cookies.hpp>
#include <saker/http/headers.hpp>

namespace saker {

namespace http {
class exchange;
}

/// The answer to a request.
///
/// Purpose: set status and headers, then give the body at once (`send`) or piece by piece
/// (`write`). The first byte of body starts the response; afterwards status and headers are fixed.
/// Without Content-Length a streamed body is chunked (HTTP/1.1) or ends with the connection (1.0).
///
/// Owner: the http_context. Thread rule: the event loop of the connection.
/// Back-pressure: `write` completes when fewer than `http_limits::max_response_buffer_size` bytes
/// wait for the client. Cancellation: when the client goes away, writes fail with
/// `std::errc::connection_reset` and `http_context::request_aborted` is signalled.
/// Errors: changing status or headers after the start, writing more than Content-Length, or a body
/// where none is allowed throws `std::logic_error`.
/// Reference: RFC 9110, RFC 9112.
class http_response {
 public:
  explicit http_response(http::exchange& exchange) noexcept;
  ~http_response();
  http_response(const http_response&) = delete;
  http_response& operator=(const http_response&) = delete;

  int status() const noexcept { return status_; }
  /// 200..599, else `std::invalid_argument`: Saker itself sends what precedes a response (100 when
  /// the body is wanted, 101 with `websocket_manager::accept`).
  void set_status(int status);

  saker::headers& headers();
  const saker::headers& headers() const noexcept { return headers_; }

  void set_content_type(std::string_view type) { headers().set("Content-Type", type); }
  void set_content_length(std::uint64_t bytes);

  /// Adds a `Set-Cookie` field.
  void append_cookie(std::string_view name, std::string_view value,
                     const cookie_options& options = {});
  /// Tells the client to forget the cookie; path and domain must be those it was set with.
  void delete_cookie(std::string_view name, cookie_options options = {});

  /// Adds a field that follows the body (RFC 9110, section 6.5). It is left out where the protocol
  /// has no place for it: a response without a body, and on HTTP/1.1 one that is not chunked.
  void append_trailer(std::string_view name, std::string_view value);

  /// Calls the function just before the head is sent: the last chance to change it.
  void on_starting(std::function<void(http_response&)> callback);

  /// True once the head has been sent.
  bool has_started() const noexcept { return started_; }

  /// Sends the whole body with its Content-Length, and with the content type when one is given.
  /// `send` and `write` take the data in the call itself; the task only waits for the client.
  task<void> send(std::string_view body, std::string_view content_type = {});

  /// Sends one piece of the body.
  task<void> write(std::span<const std::byte> data);
  task<void> write(std::string_view text);

  /// Sends the head now, so that the client sees it before any body.
  task<void> start();

  /// For Saker's own rooms: the status 101, and the field that belongs to it.
  void switch_protocols();
  /// For Saker's own rooms: runs the on_starting callbacks and fixes the head.
  void mark_started();
  /// The trailers so far, or null.
  const saker::headers* trailers() const noexcept;
  /// After an upgrade: gives the memory of the headers back.
  void release_headers() noexcept;
  /// Removes, before the start, what describes content that will not come: another answers now.
  /// What middleware has said about every answer stays.
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
