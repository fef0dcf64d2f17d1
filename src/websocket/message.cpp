#include <saker/websocket/message.hpp>

#include <algorithm>
#include <cstring>

namespace saker {

std::span<std::byte> websocket_message::extend(std::size_t bytes) {
  if (size_ + bytes > capacity_) {
    // The first piece is usually the whole message; only further ones need room to grow.
    const auto capacity = size_ == 0 ? bytes : std::max(size_ + bytes, 2 * capacity_);
    std::unique_ptr<std::byte[]> larger(new std::byte[capacity]);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    capacity_ = capacity;
  }
  const std::span<std::byte> added(data_.get() + size_, bytes);
  size_ += bytes;
  return added;
}

std::string_view to_string(websocket_state state) noexcept {
  switch (state) {
    case websocket_state::none: return "None";
    case websocket_state::connecting: return "Connecting";
    case websocket_state::open: return "Open";
    case websocket_state::close_sent: return "CloseSent";
    case websocket_state::close_received: return "CloseReceived";
    case websocket_state::closed: return "Closed";
    case websocket_state::aborted: return "Aborted";
  }
  return "Unknown";
}

}  // namespace saker
