#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "websocket/frame.hpp"

namespace saker::websockets {

/// Reads the headers of a client's frames and checks them (RFC 6455, sections 5.1 to 5.5): reserved
/// bits, length, mask, the order of fragments. No I/O; payloads are the caller's.
class frame_parser {
 public:
  /// permessage-deflate has been agreed: the first frame of a message may have RSV1.
  void allow_compression() noexcept { compression_ = true; }

  /// Reads one header at the front of the data and returns its size. 0: more bytes are needed, or
  /// there is a fault. The header of a control frame is only given when its payload is there too.
  std::size_t parse(std::span<const std::byte> data, frame_header& header);

  /// Set when the peer has broken the protocol; the text says how. Every such fault is a 1002.
  bool has_fault() const noexcept { return fault_ != nullptr; }
  const char* fault() const noexcept { return fault_; }

 private:
  bool check(const frame_header& header, unsigned reserved, bool masked);
  std::size_t refuse(const char* text);

  bool compression_ = false;
  bool in_message_ = false;
  const char* fault_ = nullptr;  ///< Static text.
};

}  // namespace saker::websockets
