#include "message.hpp"

#include <array>

namespace saker_load {

namespace {

// Not zero: the server has to unmask for real.
constexpr std::array<unsigned char, 4> mask = {0x37, 0xfa, 0x21, 0x3d};

std::string pattern(std::size_t size) {
  std::string result(size, ' ');
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<char>('!' + (i * 7 + i / 94) % 94);
  return result;
}

void append_big_endian(std::string& out, std::size_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xff);
  }
}

void append_length(std::string& out, std::size_t length) {
  constexpr int masked = 0x80;
  if (length < 126) {
    out += static_cast<char>(masked | static_cast<int>(length));
  } else if (length < 65536) {
    out += static_cast<char>(masked | 126);
    append_big_endian(out, length, 2);
  } else {
    out += static_cast<char>(masked | 127);
    append_big_endian(out, length, 8);
  }
}

}  // namespace

std::string masked_frame(int opcode, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80 | opcode);
  append_length(frame, payload.size());
  for (const auto byte : mask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  }
  return frame;
}

message::message(std::size_t size, std::size_t depth, bool text, bool raw)
    : raw_(raw), opcode_(text ? opcode::text : opcode::binary) {
  const auto payload = pattern(size);
  const auto frame = masked_frame(opcode_, payload);
  wire_size_ = frame.size();
  echo_ = raw ? frame : payload;
  // One more than `depth`: a write that goes on inside a message still finds all it needs.
  for (std::size_t i = 0; i <= depth; ++i) repeated_ += frame;
}

}  // namespace saker_load
