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
    case websocket_state::none: return "none";
    case websocket_state::connecting: return "connecting";
    case websocket_state::open: return "open";
    case websocket_state::close_sent: return "close_sent";
    case websocket_state::close_received: return "close_received";
    case websocket_state::closed: return "closed";
    case websocket_state::aborted: return "aborted";
  }
  return "unknown";
}

}  // namespace saker
