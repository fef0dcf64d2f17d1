#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace saker_load::http2 {

// Frames of HTTP/2 (RFC 9113, sections 4 and 6) as bytes.

constexpr unsigned data = 0, headers = 1, reset = 3, settings = 4, ping = 6, goaway = 7,
                   window_update = 8;
constexpr unsigned ack = 1, end_stream = 1, end_headers = 4;
constexpr std::size_t head_size = 9;
constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline void append_number(std::string& out, std::size_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xff);
  }
}

inline std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

inline void append_head(std::string& out, std::size_t length, unsigned type, unsigned flags,
                        std::size_t id) {
  append_number(out, length, 3);
  append_number(out, type, 1);
  append_number(out, flags, 1);
  append_number(out, id, 4);
}

/// A literal field without indexing (RFC 7541, section 6.2.2); names and values are short.
inline void append_field(std::string& block, std::string_view name, std::string_view value) {
  block += '\0';
  append_number(block, name.size(), 1);
  block += name;
  append_number(block, value.size(), 1);
  block += value;
}

}  // namespace saker_load::http2
