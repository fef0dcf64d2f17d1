#include "websocket/reader/inbox.hpp"

namespace saker::websockets {

std::span<std::byte> inbox::extend(std::size_t bytes, websocket_message_type type,
                                   bool compressed) {
  if (pieces_.empty() || pieces_.back().end_of_frame || pieces_.back().compressed != compressed) {
    pieces_.push_back({0, type, false, false, compressed});
  }
  pieces_.back().size += bytes;
  const auto before = bytes_.size();
  bytes_.resize(before + bytes);
  return std::span(bytes_).subspan(before);
}

void inbox::put_back(std::span<const std::byte> bytes, websocket_message_type type) {
  bytes_.insert(bytes_.begin() + static_cast<std::ptrdiff_t>(taken_), bytes.begin(), bytes.end());
  pieces_.push_front({bytes.size(), type, false, false, false});
}

void inbox::take_back(std::size_t bytes) {
  bytes_.resize(bytes_.size() - bytes);
  pieces_.back().size -= bytes;
  if (pieces_.back().size == 0) pieces_.pop_back();
}

void inbox::end_frame(websocket_message_type type, bool end_of_message, bool compressed) {
  extend(0, type, compressed);
  pieces_.back().end_of_frame = true;
  pieces_.back().end_of_message = end_of_message;
}

void inbox::take(std::size_t bytes, bool leaves) {
  pieces_.front().size -= bytes;
  taken_ += bytes;
  if (leaves) pieces_.pop_front();
  if (taken_ == bytes_.size()) {
    bytes_.clear();
    taken_ = 0;
  } else if (taken_ > bytes_.size() / 2) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

}  // namespace saker::websockets
