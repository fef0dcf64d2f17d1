#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker {

/// Where one end of a connection is. A value.
struct network_address {
  std::string ip;          ///< "127.0.0.1", "::1"; empty: a Unix socket, or not known any more.
  std::uint16_t port = 0;  ///< 0: there is none.

  /// Reads "127.0.0.1:5000", "[::1]:5000", or an address alone; what has no address gives none.
  static network_address parse(std::string_view endpoint);

  bool operator==(const network_address&) const = default;
};

}  // namespace saker
