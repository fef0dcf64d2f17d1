#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace saker::redis {

/// Where a server listens.
struct address {
  std::string host;  ///< A name or an IP address; or, beginning with '/', a Unix socket.
  std::uint16_t port = 0;

  bool is_unix() const noexcept { return host.starts_with('/'); }
  /// "host:port", or the path.
  std::string text() const;
  auto operator<=>(const address&) const = default;
};

/// "host:port", "[::1]:port", "host"; throws `std::invalid_argument`.
address parse_address(std::string_view text, std::uint16_t default_port);

/// Throws `std::invalid_argument`.
std::uint16_t parse_port(std::string_view text);

/// `redis://[[user]:password@]host[:port][/database]`, `rediss://` for TLS, and
/// `unix://[[user]:password@]/path[?db=n]`. Percent-encoding is decoded in user and password.
struct url {
  address where;
  bool secure = false;
  std::string user;
  std::string password;
  unsigned database = 0;
};

/// Throws `std::invalid_argument` that says what is wrong, without the password.
url parse_url(std::string_view text);

}  // namespace saker::redis
