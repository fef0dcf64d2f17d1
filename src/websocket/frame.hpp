#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace saker::websockets {

/// RFC 6455, section 5.2.
enum class opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

constexpr bool is_control(opcode code) noexcept {
  return (static_cast<unsigned>(code) & 0x8U) != 0;
}

struct frame_header {
  bool fin = true;
  bool compressed = false;  ///< RSV1 (RFC 7692, section 6).
  opcode code = opcode::continuation;
  std::uint32_t mask = 0;  ///< In memory order.
  std::uint64_t length = 0;
};

/// A server's frame header: never masked, the length in its shortest form.
class encoded_header {
 public:
  encoded_header(opcode code, bool fin, std::uint64_t length, bool compressed = false) noexcept;
  std::span<const std::byte> bytes() const noexcept { return std::span(data_).first(size_); }

 private:
  std::array<std::byte, 10> data_;
  std::size_t size_;
};

}  // namespace saker::websockets
