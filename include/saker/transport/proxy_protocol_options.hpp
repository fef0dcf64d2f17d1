#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace saker {

/// The PROXY protocol, versions 1 and 2, on every endpoint: a proxy that forwards TCP says in front
/// of each connection whom it is from, and that is its `remote_endpoint` then.
///
/// Connections of known proxies must begin with it; one that is malformed, or does not come in
/// time, ends them. Others are served as they are: nobody else can claim an address.
struct proxy_protocol_options {
  /// Addresses, networks ("10.0.0.0/8"), "unix:". At least one.
  std::vector<std::string> known_proxies = {"127.0.0.0/8", "::1"};
  /// More than 0.
  std::chrono::milliseconds header_timeout{10'000};

  /// Throws `std::invalid_argument` that names the option.
  void validate() const;
};

}  // namespace saker
