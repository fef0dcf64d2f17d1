#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include <saker/websocket/types.hpp>

namespace saker::websockets {

/// What was read ahead while the application was not receiving: pieces of frames, in order.
class inbox {
 public:
  struct part {
    std::size_t size = 0;
    websocket_message_type type = websocket_message_type::binary;
    bool end_of_frame = false;
    bool end_of_message = false;
    bool compressed = false;  ///< Not inflated yet, so that what is kept stays bounded.
  };

  /// What a piece costs besides its bytes: an empty frame is not free.
  static constexpr std::size_t piece_cost = 64;

  bool empty() const noexcept { return pieces_.empty(); }
  /// What is held, the pieces' cost included.
  std::size_t size() const noexcept { return bytes_.size() - taken_ + pieces_.size() * piece_cost; }

  /// Makes room for that many bytes of the frame in progress; the caller fills it.
  std::span<std::byte> extend(std::size_t bytes, websocket_message_type type,
                              bool compressed = false);
  /// Puts the beginning of a message in front of the rest of it.
  void put_back(std::span<const std::byte> bytes, websocket_message_type type);
  /// Gives up what was extended last.
  void take_back(std::size_t bytes);
  void end_frame(websocket_message_type type, bool end_of_message, bool compressed = false);

  bool has_one_piece() const noexcept { return pieces_.size() == 1; }
  const part& front() const noexcept { return pieces_.front(); }
  std::span<const std::byte> front_bytes() const noexcept {
    return std::span(bytes_).subspan(taken_, pieces_.front().size);
  }
  /// Takes that many bytes of the front piece, which leaves when it is empty.
  void take(std::size_t bytes) { take(bytes, bytes == pieces_.front().size); }
  /// The same, where the caller knows whether the piece leaves: of a compressed one more may come
  /// when all of its bytes are taken.
  void take(std::size_t bytes, bool leaves);

 private:
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
  std::deque<part> pieces_;
};

}  // namespace saker::websockets
