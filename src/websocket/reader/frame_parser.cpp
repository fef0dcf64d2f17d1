#include "websocket/reader/frame_parser.hpp"

#include <array>
#include <cstring>
#include <string>

namespace saker::websockets {
namespace {

std::uint64_t read_big_endian(std::span<const std::byte> data) {
  std::uint64_t value = 0;
  for (const auto byte : data) value = value << 8 | std::to_integer<std::uint64_t>(byte);
  return value;
}

bool is_known(opcode code) {
  switch (code) {
    case opcode::continuation:
    case opcode::text:
    case opcode::binary:
    case opcode::close:
    case opcode::ping:
    case opcode::pong: return true;
  }
  return false;
}

const char* unknown_opcode(opcode code) {
  static const auto texts = [] {
    std::array<std::string, 16> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = std::string("The WebSocket received a frame with an unknown opcode: '0x") +
                "0123456789ABCDEF"[i] + "'.";
    }
    return made;
  }();
  return texts[static_cast<std::size_t>(code)].c_str();
}

}  // namespace

std::size_t frame_parser::refuse(const char* text) {
  fault_ = text;
  return 0;
}

std::size_t frame_parser::parse(std::span<const std::byte> data, frame_header& header) {
  if (data.size() < 2) return 0;
  const auto first = std::to_integer<unsigned>(data[0]);
  const auto second = std::to_integer<unsigned>(data[1]);
  header.fin = (first & 0x80U) != 0;
  header.compressed = (first & 0x40U) != 0;
  header.code = static_cast<opcode>(first & 0x0fU);
  header.length = second & 0x7fU;
  std::size_t size = 2;
  if (header.length >= 126) {
    const std::size_t bytes = header.length == 126 ? 2 : 8;
    if (data.size() < size + bytes) {
      // What two bytes already show must not wait for the rest.
      check(header, first & 0x70U, (second & 0x80U) != 0);
      return 0;
    }
    header.length = read_big_endian(data.subspan(size, bytes));
    const bool shortest = bytes == 2 ? header.length > 125 : header.length > 0xffff;
    size += bytes;
    if (!shortest || header.length >> 63 != 0) {
      return refuse("The WebSocket received a frame with an invalid payload length.");
    }
  }
  if (!check(header, first & 0x70U, (second & 0x80U) != 0)) return 0;
  if (data.size() < size + 4) return 0;
  std::memcpy(&header.mask, data.data() + size, 4);
  size += 4;
  if (is_control(header.code)) {
    if (data.size() < size + header.length) return 0;
  } else {
    in_message_ = !header.fin;
  }
  return size;
}

bool frame_parser::check(const frame_header& header, unsigned reserved, bool masked) {
  const bool compressed_control = header.compressed && compression_ && is_control(header.code);
  if ((reserved & 0x30U) != 0 || compressed_control) {
    refuse("The WebSocket received a frame with one or more reserved bits set.");
  } else if (header.compressed && !compression_) {
    refuse("The WebSocket received compressed frame when compression is not enabled.");
  } else if (header.compressed && header.code == opcode::continuation) {
    refuse("The WebSocket received a continuation frame with Per-Message Compressed flag set.");
  } else if (!masked) {
    refuse("The WebSocket client sent an unmasked frame.");
  } else if (!is_known(header.code)) {
    refuse(unknown_opcode(header.code));
  } else if (is_control(header.code)) {
    if (!header.fin || header.length > 125) {
      refuse("The WebSocket received an invalid control message.");
    }
  } else if (header.code == opcode::continuation && !in_message_) {
    refuse("The WebSocket received a continuation frame from a previous final message.");
  } else if (header.code != opcode::continuation && in_message_) {
    refuse(
        "The WebSocket expected a continuation frame after having received a previous non-final "
        "frame.");
  }
  return !has_fault();
}

}  // namespace saker::websockets
