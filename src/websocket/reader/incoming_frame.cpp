#include "websocket/reader/incoming_frame.hpp"

#include "websocket/reader/mask.hpp"

namespace saker::websockets {

void incoming_frame::begin() noexcept {
  if (header_.code != opcode::continuation) {
    type_ = header_.code == opcode::text ? websocket_message_type::text
                                         : websocket_message_type::binary;
    compressed_ = header_.compressed;
    has_gap_ = false;
    text_.reset();
  }
  taken_ = 0;
  in_payload_ = true;
}

void incoming_frame::take(std::byte* target, std::span<const std::byte> data) noexcept {
  copy_unmasked(target, data, header_.mask, taken_);
  taken_ += data.size();
}

bool incoming_frame::check_text(std::span<const std::byte> unmasked) noexcept {
  return type_ != websocket_message_type::text || text_.feed(unmasked);
}

bool incoming_frame::end() noexcept {
  in_payload_ = false;
  return !header_.fin || type_ != websocket_message_type::text || has_gap_ || text_.is_complete();
}

}  // namespace saker::websockets
