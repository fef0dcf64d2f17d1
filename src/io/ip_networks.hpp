#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker::io {

/// Peers that are known: IP addresses, networks, and those on Unix sockets.
///
/// Owner: whoever made it. Thread rule: immutable, any thread.
class ip_networks {
 public:
  /// "10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "unix:". Throws `std::invalid_argument` that
  /// names the entry.
  explicit ip_networks(const std::vector<std::string>& entries);

  /// Of an endpoint as it is shown, "10.0.0.1:80", "[::1]:80" or "unix:", or of an address alone.
  /// An IPv4 address that is mapped into IPv6 counts as itself.
  bool contains(std::string_view endpoint) const;

 private:
  struct network {
    std::string bytes;  ///< Of the address: 4 or 16.
    unsigned prefix;    ///< Bits.
  };

  std::vector<network> networks_;
  bool unix_ = false;
};

/// An endpoint without its port and brackets: "[::1]:80" is "::1".
std::string_view address_of(std::string_view endpoint) noexcept;
/// Whether the text is an IPv4 or IPv6 address.
bool is_ip_address(std::string_view text);

}  // namespace saker::io
