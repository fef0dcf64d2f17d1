#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace saker {

/// Says from whom the PROXY protocol, versions 1 and 2, is read, on every endpoint: a proxy that
/// forwards TCP sends the client's address at the start of each connection, which becomes the
/// connection's `remote_endpoint`.
///
/// Connections from known proxies must begin with the header; a malformed or late header ends the
/// connection. Connections from other peers are served without it, so that no other peer can claim
/// an address.
///
/// Example:
/// ```cpp
/// app.use_proxy_protocol({.known_proxies = {"10.0.0.0/8"}, .header_timeout = 2s});
/// ```
struct proxy_protocol_options {
  /// Addresses, networks ("10.0.0.0/8"), "unix:". At least one.
  std::vector<std::string> known_proxies = {"127.0.0.0/8", "::1"};
  /// How long a proxy may take to send the header. More than 0.
  std::chrono::milliseconds header_timeout{10'000};

  /// Throws `std::invalid_argument` that names the option.
  void validate() const;
};

}  // namespace saker
