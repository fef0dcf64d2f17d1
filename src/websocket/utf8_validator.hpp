#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace saker::websockets {

/// Checks text that comes in pieces; a piece may end inside a character. A wrong prefix is found as
/// soon as its first wrong byte is there: overlong forms, surrogates and values above U+10FFFF too.
class utf8_validator {
 public:
  /// False when what has come so far cannot be the beginning of valid text.
  bool feed(std::span<const std::byte> data) noexcept;
  /// True when the text may end here.
  bool is_complete() const noexcept { return missing_ == 0; }
  void reset() noexcept { missing_ = 0; }

 private:
  bool step(std::uint8_t byte) noexcept;

  std::uint8_t missing_ = 0;  ///< Bytes that the character in progress still needs.
  std::uint8_t low_ = 0x80;   ///< Bounds of its next byte.
  std::uint8_t high_ = 0xBF;
};

}  // namespace saker::websockets
