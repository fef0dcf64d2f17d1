#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <saker/http/message/headers.hpp>
#include <saker/http/message/network_address.hpp>

namespace saker {
class http_context;
}

namespace saker::signalr {

/// Holds the request that started a connection, kept as long as the connection lives: the
/// counterpart of ASP.NET Core's `Context.GetHttpContext()`.
///
/// Owner: the connection. Thread rule: immutable, any thread.
///
/// Example:
/// ```cpp
/// struct rooms_hub : signalr::hub {
///   task<void> on_connected() override {
///     const auto room = context().request().query("room").value_or("lobby");
///     co_await groups().add_to_group(context().connection_id(), room);
///   }
/// };
/// ```
class request_info {
 public:
  explicit request_info(http_context& context);

  /// Returns "GET", or "CONNECT" for a WebSocket over HTTP/2 (RFC 8441, section 4).
  const std::string& method() const noexcept { return method_; }
  /// Returns "HTTP/1.1" or "HTTP/2".
  std::string_view protocol() const noexcept { return protocol_; }
  std::string_view scheme() const noexcept { return scheme_; }
  const std::string& host() const noexcept { return host_; }
  const std::string& path() const noexcept { return path_; }
  const std::string& query_string() const noexcept { return query_; }
  const saker::headers& headers() const noexcept { return headers_; }
  const std::string& remote_endpoint() const noexcept { return remote_endpoint_; }
  /// Returns the client's address (as told by its proxy, if `forwarded_headers` trusts the proxy),
  /// and the local address that accepted it.
  network_address remote_address() const { return network_address::parse(remote_endpoint_); }
  const network_address& local_address() const noexcept { return local_address_; }

  /// Returns the first query value of that name; names compare case-insensitively.
  std::optional<std::string> query(std::string_view name) const;
  std::optional<std::string> cookie(std::string_view name) const;
  /// Returns the value of a parameter of the endpoint's pattern, or an empty view.
  std::string_view route_value(std::string_view name) const noexcept;

 private:
  std::string method_;
  const char* protocol_;
  const char* scheme_;
  std::string host_;
  std::string path_;
  std::string query_;
  saker::headers headers_;
  std::string remote_endpoint_;
  network_address local_address_;
  std::vector<std::pair<std::string, std::string>> route_values_;
};

}  // namespace saker::signalr
