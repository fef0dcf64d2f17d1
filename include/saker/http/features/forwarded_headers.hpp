#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// Names the fields that proxies write. Only one kind is read, because proxies pass on the fields
/// they do not know as the client sent them.
enum class forwarded_fields {
  x_forwarded,  ///< X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host.
  forwarded,    ///< Forwarded (RFC 7239).
};

/// Says what to trust from proxies in front of the server (`use_forwarded_headers`). A malformed
/// value throws `std::invalid_argument` when the middleware is created.
///
/// Example:
/// ```cpp
/// app.use_forwarded_headers({.host = true,
///                            .known_proxies = {"10.0.0.0/8"},
///                            .allowed_hosts = {"example.com"}});
/// ```
struct forwarded_headers_options {
  forwarded_fields fields = forwarded_fields::x_forwarded;
  /// What is taken from the fields. Take the host only if the proxies change it, and then set
  /// `allowed_hosts`.
  bool client = true;
  bool scheme = true;
  bool host = false;
  /// The trusted proxies: addresses, networks ("10.0.0.0/8"), "unix:". Entries written by any other
  /// peer are ignored.
  std::vector<std::string> known_proxies = {"127.0.0.0/8", "::1"};
  /// The most proxies in a row, counted from the server; absent: all that are known. 1 or more.
  std::optional<std::size_t> forward_limit = 1;
  /// Ignores the fields unless they all name the same number of proxies.
  bool require_header_symmetry = false;
  /// Hosts that a proxy may name, without port; "*.example.com" for every sub-domain. Empty: any.
  std::vector<std::string> allowed_hosts = {};

  void validate() const;
};

/// Returns middleware that applies what known proxies say about the client: it changes
/// `request().remote_endpoint()` (port 0 if unknown), `request().scheme()` and `request().host()`.
/// Add it before everything that reads those. `connection().remote_endpoint()` remains the proxy's.
///
/// Entries are read from the last, which the nearest proxy wrote, to the first, as long as the
/// writer of an entry is known; a malformed entry ends the reading.
middleware forwarded_headers(forwarded_headers_options options = {});

}  // namespace saker
