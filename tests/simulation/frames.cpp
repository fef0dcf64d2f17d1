#include "frames.hpp"

namespace saker::simulation {
namespace {

void append_size(std::string& text, std::size_t size, int masked) {
  if (size < 126) {
    text += static_cast<char>(masked | static_cast<int>(size));
    return;
  }
  const int bytes = size < 65536 ? 2 : 8;
  text += static_cast<char>(masked | (bytes == 2 ? 126 : 127));
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    text += static_cast<char>(size >> shift);
}

}  // namespace

std::string masked_frame(int opcode, std::string_view payload, bool last, random& choices) {
  std::string text(1, static_cast<char>((last ? 0x80 : 0) | opcode));
  append_size(text, payload.size(), 0x80);
  const auto key = static_cast<std::uint32_t>(choices.next());
  for (int i = 0; i < 4; ++i) text += static_cast<char>(key >> (8 * i));
  for (std::size_t i = 0; i < payload.size(); ++i) {
    text += static_cast<char>(payload[i] ^ static_cast<char>(key >> (8 * (i % 4))));
  }
  return text;
}

bool frame_reader::next(frame& into) {
  const auto data = std::string_view(buffer_).substr(begin_);
  if (data.size() < 2 || !fault_.empty()) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(data[at]); };
  std::size_t size = byte(1);
  std::size_t head = 2;
  if (size > 127) {
    fault_ = "a masked frame";
    return false;
  }
  if (size >= 126) {
    const std::size_t bytes = size == 126 ? 2 : 8;
    if (data.size() < 2 + bytes) return false;
    size = 0;
    for (std::size_t i = 0; i < bytes; ++i) size = size << 8 | byte(2 + i);
    head += bytes;
  }
  if (data.size() < head + size) return false;
  if ((byte(0) & 0x70) != 0) fault_ = "a frame with reserved bits";
  into.opcode = byte(0) & 15;
  into.last = (byte(0) & 0x80) != 0;
  into.payload = data.substr(head, size);
  begin_ += head + size;
  if (begin_ == buffer_.size() || begin_ > 65536) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  return true;
}

}  // namespace saker::simulation
