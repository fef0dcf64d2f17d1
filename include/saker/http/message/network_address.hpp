#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker {

/// Holds the address of one end of a connection. A value.
///
/// Example:
/// ```cpp
/// const auto address = network_address::parse("[::1]:5000");
/// std::printf("%s, port %d\n", address.ip.c_str(), address.port);  // ::1, port 5000
/// ```
struct network_address {
  std::string ip;          ///< "127.0.0.1", "::1"; empty: a Unix socket, or no longer known.
  std::uint16_t port = 0;  ///< 0: none.

  /// Parses "127.0.0.1:5000", "[::1]:5000", or an address alone; returns an empty value when there
  /// is no address, as for a Unix socket.
  static network_address parse(std::string_view endpoint);

  bool operator==(const network_address&) const = default;
};

}  // namespace saker
