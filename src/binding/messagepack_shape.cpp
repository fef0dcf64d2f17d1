#include "binding/messagepack_shape.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include <saker/binding/value_reader.hpp>

namespace saker::binding {
namespace {

/// What the first byte of a value says follows it.
struct shape {
  bool valid = true;
  int length_bytes = 0;      ///< Of a length that follows.
  std::uint64_t length = 0;  ///< Where the first byte has it.
  std::uint64_t extra = 0;   ///< Bytes besides.
  int values_per_unit = 0;   ///< The length counts values (1) or pairs of them (2), not bytes.
};

shape shape_of(std::uint8_t byte) noexcept {
  if (byte <= 0x7f || byte >= 0xe0) return {};
  if (byte <= 0x8f) return {true, 0, byte & 0x0fU, 0, 2};
  if (byte <= 0x9f) return {true, 0, byte & 0x0fU, 0, 1};
  if (byte <= 0xbf) return {true, 0, byte & 0x1fU, 0, 0};
  switch (byte) {
    case 0xc0:  // nil
    case 0xc2:  // false
    case 0xc3:  // true
      return {};
    case 0xc4:  // bin
    case 0xd9:  // str
      return {true, 1, 0, 0, 0};
    case 0xc5:
    case 0xda: return {true, 2, 0, 0, 0};
    case 0xc6:
    case 0xdb: return {true, 4, 0, 0, 0};
    case 0xc7:  // ext
      return {true, 1, 0, 1, 0};
    case 0xc8: return {true, 2, 0, 1, 0};
    case 0xc9: return {true, 4, 0, 1, 0};
    case 0xcc:  // integers and floats
    case 0xd0: return {true, 0, 1, 0, 0};
    case 0xcd:
    case 0xd1: return {true, 0, 2, 0, 0};
    case 0xca:
    case 0xce:
    case 0xd2: return {true, 0, 4, 0, 0};
    case 0xcb:
    case 0xcf:
    case 0xd3: return {true, 0, 8, 0, 0};
    case 0xd4:  // fixext
      return {true, 0, 2, 0, 0};
    case 0xd5: return {true, 0, 3, 0, 0};
    case 0xd6: return {true, 0, 5, 0, 0};
    case 0xd7: return {true, 0, 9, 0, 0};
    case 0xd8: return {true, 0, 17, 0, 0};
    case 0xdc:  // array
      return {true, 2, 0, 0, 1};
    case 0xdd: return {true, 4, 0, 0, 1};
    case 0xde:  // map
      return {true, 2, 0, 0, 2};
    case 0xdf: return {true, 4, 0, 0, 2};
    default: return {false, 0, 0, 0, 0};
  }
}

}  // namespace

messagepack_extent messagepack_extent_of(std::string_view data, int levels) noexcept {
  std::array<std::uint64_t, most_nesting + 1> open;  // Values that each level still expects.
  const auto size = data.size();
  std::size_t values_seen = 0;
  int depth = 0;
  open[0] = 1;
  for (;;) {
    while (open[static_cast<std::size_t>(depth)] == 0) {
      if (depth-- == 0) return {size - data.size(), values_seen};
    }
    --open[static_cast<std::size_t>(depth)];
    ++values_seen;
    if (data.empty()) return {};
    const auto form = shape_of(static_cast<std::uint8_t>(data.front()));
    data.remove_prefix(1);
    auto length = form.length;
    if (!form.valid || data.size() < static_cast<std::size_t>(form.length_bytes)) return {};
    for (int i = 0; i < form.length_bytes; ++i) {
      length = length << 8 | static_cast<std::uint8_t>(data.front());
      data.remove_prefix(1);
    }
    if (form.values_per_unit != 0) {
      // Each value takes a byte at least.
      const auto values = length * static_cast<std::uint64_t>(form.values_per_unit);
      if (values > data.size() || ++depth > levels) return {};
      open[static_cast<std::size_t>(depth)] = values;
    } else {
      if (length + form.extra > data.size()) return {};
      data.remove_prefix(length + form.extra);
    }
  }
}

}  // namespace saker::binding
