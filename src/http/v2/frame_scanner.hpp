#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace saker::http::v2 {

/// Finds the frames in what a client sends, ahead of nghttp2, which says nothing of those that it
/// ignores. No I/O.
class frame_scanner {
 public:
  static constexpr std::size_t head_size = 9;

  struct head {
    std::size_t begin;  ///< Where it begins in the data; 0: there, or before.
    std::uint8_t type;
    std::uint32_t stream;
  };

  /// Goes through the data from `at` on. True: here is the next head, and `at` is behind it.
  bool next(std::span<const std::byte> data, std::size_t& at, head& found) noexcept {
    const auto skipped = std::min(data.size() - at, left_);
    at += skipped;
    left_ -= skipped;
    const auto* bytes = data.data() + at;
    const auto there = data.size() - at;
    if (have_ == 0 && there >= head_size) {
      at += head_size;
    } else {
      const auto count = std::min(there, head_size - have_);
      if (count > 0) std::memcpy(bytes_.data() + have_, bytes, count);
      have_ += count;
      at += count;
      if (have_ < head_size) return false;
      have_ = 0;
      bytes = bytes_.data();
    }
    left_ = number(bytes, 3);
    found = {at - std::min(at, head_size), static_cast<std::uint8_t>(bytes[3]),
             number(bytes + 5, 4) & 0x7fff'ffffU};
    return true;
  }

  /// The head that was found last will be shown once more.
  void go_back() noexcept { left_ = 0; }

 private:
  static constexpr std::size_t preface_size = 24;

  static std::uint32_t number(const std::byte* from, std::size_t size) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | static_cast<std::uint32_t>(from[i]);
    }
    return value;
  }

  std::size_t left_ = preface_size;  ///< Of what is no head.
  std::size_t have_ = 0;
  std::array<std::byte, head_size> bytes_{};
};

}  // namespace saker::http::v2
