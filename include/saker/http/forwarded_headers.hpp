#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <saker/http/middleware.hpp>

namespace saker {

/// Which fields proxies write: one kind only, since they leave what they do not know as the client
/// has sent it.
enum class forwarded_fields {
  x_forwarded,  ///< X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host.
  forwarded,    ///< Forwarded (RFC 7239).
};

/// What to believe of proxies in front of the server. A value that cannot be read throws
/// `std::invalid_argument` when the middleware is made.
struct forwarded_headers_options {
  forwarded_fields fields = forwarded_fields::x_forwarded;
  /// What is taken from them. The host only where proxies change it; then with `allowed_hosts`.
  bool client = true;
  bool scheme = true;
  bool host = false;
  /// Who is believed: addresses, networks ("10.0.0.0/8"), "unix:". Whatever anybody else says of
  /// somebody behind him is not looked at.
  std::vector<std::string> known_proxies = {"127.0.0.0/8", "::1"};
  /// Proxies in a row, counted from the server; absent: as many as are known. 1 or more.
  std::optional<std::size_t> forward_limit = 1;
  /// Fields that do not name equally many proxies are not looked at.
  bool require_header_symmetry = false;
  /// Hosts that a proxy may name, without port; "*.example.com" for every sub-domain. Empty: any.
  std::vector<std::string> allowed_hosts = {};

  void validate() const;
};

/// Tells the request who its client is, as known proxies say: changes `request().remote_endpoint()`
/// (port 0 where it is not known), `request().scheme()` and `request().host()`. Put it in front of
/// everything that looks at those. `connection().remote_endpoint()` stays the proxy's.
///
/// The fields are read from the last entry, the nearest proxy's, to the first, as long as the one
/// who has written an entry is known; what cannot be read ends that.
middleware forwarded_headers(forwarded_headers_options options = {});

}  // namespace saker
