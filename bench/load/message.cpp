#include "message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "deflate.hpp"
#include "hub.hpp"

namespace saker_load {

namespace {

// Not zero: the server has to unmask for real.
constexpr std::array<unsigned char, 4> mask = {0x37, 0xfa, 0x21, 0x3d};

std::string pattern(std::size_t size) {
  std::string result(size, ' ');
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<char>('!' + (i * 7 + i / 94) % 94);
  return result;
}

/// As an application sends it: the same names in every message, other values.
std::string json(std::size_t size, std::size_t seed) {
  std::string result = "{\"type\":\"quotes\",\"quotes\":[";
  auto random = static_cast<std::uint32_t>(seed * 2654435761U + 1);
  while (result.size() < size) {
    random = random * 1664525U + 1013904223U;
    result += "{\"symbol\":\"SKR" + std::to_string(random >> 28) +
              "\",\"price\":" + std::to_string(random >> 12 & 0xffff) + "." +
              std::to_string(random >> 8 & 7) + ",\"volume\":" + std::to_string(random >> 20) +
              "},";
  }
  result.resize(size);
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

std::string masked_frame(int opcode, std::string_view payload, bool compressed) {
  std::string frame;
  frame += static_cast<char>(0x80 | (compressed ? 0x40 : 0) | opcode);
  append_length(frame, payload.size());
  for (const auto byte : mask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  }
  return frame;
}

messages::messages(const arguments& options)
    : raw_(options.raw),
      opcode_(options.text || options.deflate != compression::none ? opcode::text : opcode::binary),
      deflate_(options.deflate) {
  constexpr std::size_t different_messages = 64;
  if (options.hub != hub_protocol::none) add_hub_message(options);
  const auto count = !texts_.empty() ? 0 : deflate_ == compression::none ? 1 : different_messages;
  deflate_writer writer;
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = count == 1 ? pattern(options.size) : json(options.size, i);
    const auto frame = count == 1 ? masked_frame(opcode_, text)
                                  : masked_frame(opcode_, writer.compress(text), true);
    if (deflate_ == compression::no_takeover) writer.reset();
    repeated_ += frame;
    ends_.push_back(repeated_.size());
    texts_.push_back(raw_ ? frame : text);
  }
  // More than a round: a write that goes on inside a message still finds all it needs.
  for (std::size_t i = 0; i <= std::max(options.depth, options.burst); ++i) {
    const auto index = i % texts_.size();
    repeated_ += std::string(wire(begin_of(index), wire_size(index)));
  }
}

void messages::add_hub_message(const arguments& options) {
  auto [request, answer] = make_hub_messages(options);
  opcode_ = options.hub == hub_protocol::json ? opcode::text : opcode::binary;
  ignores_frames_ = !options.bare;
  repeated_ = masked_frame(opcode_, request);
  ends_.push_back(repeated_.size());
  texts_.push_back(std::move(answer));
}

bool messages::is_message_begin(std::size_t offset) const {
  return offset == 0 || std::binary_search(ends_.begin(), ends_.end(), offset);
}

}  // namespace saker_load
