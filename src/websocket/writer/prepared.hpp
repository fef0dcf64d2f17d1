#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <saker/websocket/types.hpp>

namespace saker::websockets {

/// A message as a frame, and as a compressed frame for each size of window. Immutable but for the
/// compressed frames, which whoever wants one first makes. Any thread.
class prepared {
 public:
  prepared(std::span<const std::byte> data, websocket_message_type type, bool disable_compression);
  ~prepared();
  prepared(const prepared&) = delete;
  prepared& operator=(const prepared&) = delete;

  websocket_message_type type() const noexcept { return type_; }
  std::span<const std::byte> payload() const noexcept {
    return std::span(frame_).subspan(header_size_);
  }
  std::span<const std::byte> frame() const noexcept { return frame_; }
  bool may_be_compressed() const noexcept { return !disable_compression_; }
  /// The compressed frame, or the plain one where compression would not make it smaller.
  std::span<const std::byte> compressed_frame(int window_bits) const;

 private:
  static constexpr int least_window_bits = 9;
  using bytes = std::vector<std::byte>;

  bytes make_compressed(int window_bits) const;

  std::size_t header_size_ = 0;
  bytes frame_;
  websocket_message_type type_;
  bool disable_compression_;
  mutable std::array<std::atomic<const bytes*>, 7> compressed_{};
};

}  // namespace saker::websockets
