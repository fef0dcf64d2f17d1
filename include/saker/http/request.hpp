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

#include <saker/core/task.hpp>
#include <saker/http/headers.hpp>

namespace saker {

namespace http {
class exchange;
struct request_head;
}  // namespace http

/// A request: its target, its header fields, its body.
///
/// Owner: the http_context; every view it gives is valid as long as the context is.
/// Thread rule: the event loop of the connection.
/// Cancellation: reading the body fails when the client goes away.
/// Limits: see http_limits; errors are http_error with the status that answers the client.
/// Reference: RFC 9110, RFC 9112, RFC 9113.
class http_request {
 public:
  explicit http_request(http::exchange& exchange) noexcept;
  ~http_request();
  http_request(const http_request&) = delete;
  http_request& operator=(const http_request&) = delete;

  std::string_view method() const noexcept { return text(method_); }
  /// The target exactly as it was sent.
  std::string_view target() const noexcept { return text(target_); }
  /// The path, percent-decoded (`%2F` stays), dot segments removed, without `path_base`.
  std::string_view path() const noexcept { return std::string_view(path_).substr(base_size_); }
  /// The part of the path that `map` branches have taken off the front.
  std::string_view path_base() const noexcept {
    return std::string_view(path_).substr(0, base_size_);
  }
  /// Replaces `path`, for middleware that rewrites; takes it decoded, beginning with '/'.
  void set_path(std::string_view path);
  /// The query as sent, without its `?`.
  std::string_view query_string() const noexcept { return text(query_); }
  /// "HTTP/1.0", "HTTP/1.1" or "HTTP/2".
  std::string_view protocol() const noexcept { return protocol_; }
  /// What an extended CONNECT (RFC 8441) asks for, for example "websocket"; else empty.
  std::string_view connect_protocol() const noexcept { return text(connect_protocol_); }
  /// "http" or "https": the connection's, or what `forwarded_headers` has learned.
  std::string_view scheme() const noexcept;
  /// The authority: the Host field, that of an absolute target, or `:authority`; or what
  /// `forwarded_headers` has learned.
  std::string_view host() const noexcept;
  const saker::headers& headers() const noexcept { return headers_; }

  /// The client's address, for example "127.0.0.1:50311" or "unix:": the connection's peer, or what
  /// `forwarded_headers` has learned.
  std::string remote_endpoint() const;

  // For middleware that knows better than the connection.
  void set_scheme(std::string scheme);
  void set_host(std::string host);
  void set_remote_endpoint(std::string endpoint);

  /// The pairs of the query string, decoded; parsed on first use.
  const std::vector<std::pair<std::string, std::string>>& query() const;
  /// The first query value of that name.
  std::optional<std::string_view> query(std::string_view name) const;

  /// The cookies the client sent; parsed on first use.
  const std::vector<std::pair<std::string, std::string>>& cookies() const;
  /// The first cookie of that name.
  std::optional<std::string_view> cookie(std::string_view name) const;

  /// The value of a parameter of the matched route pattern, or an empty view.
  std::string_view route_value(std::string_view name) const noexcept;
  const std::vector<std::pair<std::string, std::string>>& route_values() const noexcept;

  /// The announced body size; absent when chunked or when there is no body.
  std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
  /// True when a body follows (even if it turns out to be empty).
  bool has_body() const noexcept { return has_body_; }

  /// Reads the next part of the body into the buffer; 0 means its end. Sends `100 Continue`
  /// first if the client waits for it. Fails with http_error 413 over `max_request_body_size`,
  /// 400 for bad chunking, 408 for a body that comes too slowly; with
  /// `std::errc::connection_reset` when the client is gone. One read at a time.
  task<std::size_t> read(std::span<std::byte> buffer);

  /// The fields that came after the body (RFC 9110, section 6.5): complete once `read` has given 0.
  const saker::headers& trailers() const noexcept;

  /// Reads the whole rest of the body. Fails with http_error 413 when it is larger than `limit`
  /// bytes, besides the reasons of `read`. Without a limit of its own
  /// `http_limits::max_request_body_size` holds, and where that is off, its default (30,000,000).
  task<std::string> read_all();
  task<std::string> read_all(std::size_t limit);

  /// For Saker's own rooms.
  void assign(http::request_head&& head);
  void set_trailers(saker::headers fields);
  void set_route_values(std::vector<std::pair<std::string, std::string>> values);
  void move_to_base(std::size_t path_bytes) noexcept {
    base_size_ += static_cast<std::uint32_t>(path_bytes);
  }
  void move_from_base(std::size_t path_bytes) noexcept {
    base_size_ -= static_cast<std::uint32_t>(path_bytes);
  }

 private:
  struct details;
  /// A part of the stored head; a waiting connection keeps many of these.
  struct part {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  details& make_details() const;
  std::string_view text(part where) const noexcept {
    return std::string_view(headers_.storage()).substr(where.begin, where.size);
  }

  http::exchange& exchange_;
  saker::headers headers_;
  part method_;
  part target_;
  part query_;
  part host_;
  part connect_protocol_;
  const char* protocol_ = "";
  std::string path_;
  std::uint32_t base_size_ = 0;
  bool has_body_ = false;
  std::optional<std::uint64_t> content_length_;
  mutable std::unique_ptr<details> details_;
};

}  // namespace saker
