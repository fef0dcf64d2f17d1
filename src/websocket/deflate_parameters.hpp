#pragma once

#include <cstdint>

namespace saker::websockets {

/// What both sides of a permessage-deflate connection keep to (RFC 7692, section 7.1).
struct deflate_parameters {
  bool server_context_takeover = true;
  bool client_context_takeover = true;
  std::uint8_t server_max_window_bits = 15;  ///< 9..15: zlib cannot compress with 8.
  std::uint8_t client_max_window_bits = 15;

  bool operator==(const deflate_parameters&) const = default;
};

}  // namespace saker::websockets
