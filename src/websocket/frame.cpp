#include "websocket/frame.hpp"

namespace saker::websockets {

encoded_header::encoded_header(opcode code, bool fin, std::uint64_t length,
                               bool compressed) noexcept {
  data_[0] = static_cast<std::byte>((fin ? 0x80U : 0U) | (compressed ? 0x40U : 0U) |
                                    static_cast<unsigned>(code));
  int length_bytes = 0;
  if (length <= 125) {
    data_[1] = static_cast<std::byte>(length);
  } else if (length <= 0xffff) {
    data_[1] = std::byte{126};
    length_bytes = 2;
  } else {
    data_[1] = std::byte{127};
    length_bytes = 8;
  }
  size_ = 2;
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8) {
    data_[size_++] = static_cast<std::byte>(length >> shift);
  }
}

}  // namespace saker::websockets
