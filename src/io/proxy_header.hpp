#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace saker::io {

/// What a proxy says in front of a connection: the PROXY protocol, versions 1 and 2.
struct proxy_header {
  enum class state { incomplete, complete, malformed };
  state is = state::incomplete;
  std::size_t size = 0;  ///< Of a complete one; the rest belongs to the connection.
  /// The client's address, "203.0.113.7:56324"; empty where the proxy speaks for itself (LOCAL,
  /// UNKNOWN) or of what is no IP.
  std::string client = {};
};

/// More is malformed: what proxies add in version 2 (TLVs) is well below.
inline constexpr std::size_t largest_proxy_header = 4 * 1024;

proxy_header read_proxy_header(std::span<const std::byte> data);

}  // namespace saker::io
