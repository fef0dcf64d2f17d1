#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace saker::app {

/// A parsed server address.
struct endpoint {
  enum class kind { localhost, ip, name, any, unix_socket };

  kind type = kind::localhost;
  std::string host;  ///< The IP address, the name of a host, or the path of a Unix socket.
  std::uint16_t port = 80;
  bool secure = false;  ///< https: TLS.
  std::string text;     ///< As it was given.

  /// How it is shown, with the port that was bound.
  std::string url(std::uint16_t bound_port) const;
};

/// Reads addresses separated by ';'. Throws `std::invalid_argument` that names the bad one.
std::vector<endpoint> parse_endpoints(std::string_view urls);

}  // namespace saker::app
