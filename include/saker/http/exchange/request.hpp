#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/async/task.hpp>
#include <saker/http/exchange/detail/stored_head.hpp>
#include <saker/http/message/headers.hpp>

namespace saker {

namespace http {
class exchange;
struct request_head;
}  // namespace http

/// Holds a request: its target, its header fields, its body.
///
/// Owner: the http_context; the views it returns are valid as long as the context. Thread rule: the
/// event loop of the connection. Cancellation: reading the body fails when the client goes away.
/// Limits: see http_limits. Errors: http_error with the status that is sent to the client.
/// Reference: RFC 9110, RFC 9112, RFC 9113.
///
/// Example:
/// ```cpp
/// app.map_post("/search", [](http_context& each) -> task<void> {
///   const auto language = each.request().query("language").value_or("en");
///   const auto body = co_await each.request().read_all(64 * 1024);
///   co_await each.response().send(std::string(language) + ": " + body);
/// });
/// ```
class http_request {
 public:
  explicit http_request(http::exchange& exchange) noexcept;
  ~http_request();
  http_request(const http_request&) = delete;
  http_request& operator=(const http_request&) = delete;

  std::string_view method() const noexcept { return head_.text(head_.method); }
  /// Returns the target exactly as sent.
  std::string_view target() const noexcept { return head_.text(head_.target); }
  /// Returns the path, percent-decoded (`%2F` stays), without dot segments and without `path_base`.
  std::string_view path() const noexcept {
    return std::string_view(head_.path).substr(head_.base_size);
  }
  /// Returns the part of the path that `map` branches have removed from the front.
  std::string_view path_base() const noexcept {
    return std::string_view(head_.path).substr(0, head_.base_size);
  }
  /// Replaces `path`, for middleware that rewrites it; takes a decoded path that begins with '/'.
  void set_path(std::string_view path);
  /// Returns the query as sent, without its `?`.
  std::string_view query_string() const noexcept { return head_.text(head_.query); }
  /// Returns "HTTP/1.0", "HTTP/1.1" or "HTTP/2".
  std::string_view protocol() const noexcept { return head_.protocol; }
  /// Returns the `:protocol` of an extended CONNECT (RFC 8441), for example "websocket"; else
  /// empty.
  std::string_view connect_protocol() const noexcept { return head_.text(head_.connect_protocol); }
  /// Returns "http" or "https": the connection's scheme, or the one that `forwarded_headers` set.
  std::string_view scheme() const noexcept;
  /// Returns the authority, from the Host field, an absolute target or `:authority`; or the one
  /// that `forwarded_headers` set.
  std::string_view host() const noexcept;
  const saker::headers& headers() const noexcept { return head_.fields; }

  /// Returns the client's address, for example "127.0.0.1:50311" or "unix:": that of the
  /// connection's peer, or the one that `forwarded_headers` set.
  std::string remote_endpoint() const;

  // For middleware that replaces what the connection says.
  void set_scheme(std::string scheme);
  void set_host(std::string host);
  void set_remote_endpoint(std::string endpoint);

  /// Returns the pairs of the query string, decoded; parsed on first use.
  const std::vector<std::pair<std::string, std::string>>& query() const;
  /// Returns the first query value of that name.
  std::optional<std::string_view> query(std::string_view name) const;

  /// Returns the cookies that the client sent; parsed on first use.
  const std::vector<std::pair<std::string, std::string>>& cookies() const;
  /// Returns the first cookie of that name.
  std::optional<std::string_view> cookie(std::string_view name) const;

  /// Returns the value of a parameter of the matched route pattern, or an empty view.
  std::string_view route_value(std::string_view name) const noexcept;
  const std::vector<std::pair<std::string, std::string>>& route_values() const noexcept;

  /// Returns the announced body size; absent if the body is chunked or there is none.
  std::optional<std::uint64_t> content_length() const noexcept { return head_.content_length; }
  /// Returns true if a body follows (even if it turns out to be empty).
  bool has_body() const noexcept { return head_.has_body; }

  /// Reads the next part of the body into the buffer; returns 0 at its end. Sends `100 Continue`
  /// first if the client waits for it. Fails with http_error 413 above `max_request_body_size`, 400
  /// for bad chunking, 408 for a body that arrives too slowly; with `std::errc::connection_reset`
  /// if the client has gone away. One read at a time.
  task<std::size_t> read(std::span<std::byte> buffer);

  /// Returns the fields received after the body (RFC 9110, section 6.5); complete once `read` has
  /// returned 0.
  const saker::headers& trailers() const noexcept;

  /// Reads the whole rest of the body. Fails with http_error 413 if it is larger than `limit`
  /// bytes, and as `read` does. Without `limit`, `http_limits::max_request_body_size` applies, and
  /// if that is off, its default (30,000,000).
  task<std::string> read_all();
  task<std::string> read_all(std::size_t limit);

  /// Internal: for Saker itself.
  void assign(http::request_head&& head);
  void set_trailers(saker::headers fields);
  void set_route_values(std::vector<std::pair<std::string, std::string>> values);
  void move_to_base(std::size_t path_bytes) noexcept {
    head_.base_size += static_cast<std::uint32_t>(path_bytes);
  }
  void move_from_base(std::size_t path_bytes) noexcept {
    head_.base_size -= static_cast<std::uint32_t>(path_bytes);
  }

 private:
  struct details;
  details& make_details() const;

  http::exchange& exchange_;
  detail::stored_head head_;
  mutable std::unique_ptr<details> details_;
};

}  // namespace saker
