#include <saker/binding/messagepack_format.hpp>

#include <bit>
#include <limits>

#include "binding/json_text.hpp"
#include "binding/utf8.hpp"

namespace saker::binding {
namespace {

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift);
  }
}

void append(std::string& out, std::uint8_t first, std::uint64_t number, int bytes) {
  out += static_cast<char>(first);
  append_big_endian(out, number, bytes);
}

/// First bytes for lengths of 8, 16 and 32 bits; 0: there is none of 8.
struct length_forms {
  std::uint8_t of_8;
  std::uint8_t of_16;
  std::uint8_t of_32;
};

void append_length(std::string& out, const length_forms& forms, std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max()) {
    throw binding_error("MessagePack has no values of that size.");
  }
  if (forms.of_8 != 0 && size <= 0xff) {
    append(out, forms.of_8, size, 1);
  } else if (size <= 0xffff) {
    append(out, forms.of_16, size, 2);
  } else {
    append(out, forms.of_32, size, 4);
  }
}

void append_bytes(std::string& out, std::span<const std::byte> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

void messagepack_writer::null() { out_ += static_cast<char>(0xc0); }

void messagepack_writer::boolean(bool value) { out_ += static_cast<char>(value ? 0xc3 : 0xc2); }

void messagepack_writer::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0) {
    unsigned_integer(bits);
  } else if (value >= -32) {
    out_ += static_cast<char>(value);
  } else if (value >= std::numeric_limits<std::int8_t>::min()) {
    append(out_, 0xd0, bits, 1);
  } else if (value >= std::numeric_limits<std::int16_t>::min()) {
    append(out_, 0xd1, bits, 2);
  } else if (value >= std::numeric_limits<std::int32_t>::min()) {
    append(out_, 0xd2, bits, 4);
  } else {
    append(out_, 0xd3, bits, 8);
  }
}

void messagepack_writer::unsigned_integer(std::uint64_t value) {
  if (value <= 0x7f) {
    out_ += static_cast<char>(value);
  } else if (value <= 0xff) {
    append(out_, 0xcc, value, 1);
  } else if (value <= 0xffff) {
    append(out_, 0xcd, value, 2);
  } else if (value <= 0xffff'ffff) {
    append(out_, 0xce, value, 4);
  } else {
    append(out_, 0xcf, value, 8);
  }
}

void messagepack_writer::number(double value) {
  append(out_, 0xcb, std::bit_cast<std::uint64_t>(value), 8);
}

void messagepack_writer::number(float value) {
  append(out_, 0xca, std::bit_cast<std::uint32_t>(value), 4);
}

void messagepack_writer::string(std::string_view value) {
  std::string repaired;
  if (!is_utf8(value)) value = repaired = binding::repaired_utf8(value);
  if (value.size() <= 31) {
    out_ += static_cast<char>(0xa0 | value.size());
  } else {
    append_length(out_, {0xd9, 0xda, 0xdb}, value.size());
  }
  out_ += value;
}

void messagepack_writer::bytes(std::span<const std::byte> value) {
  append_length(out_, {0xc4, 0xc5, 0xc6}, value.size());
  append_bytes(out_, value);
}

void messagepack_writer::time(const timestamp& value) {
  const auto both = static_cast<std::uint64_t>(value.nanoseconds) << 34 |
                    static_cast<std::uint64_t>(value.seconds);
  if (value.seconds < 0 || value.seconds >> 34 != 0) {
    append(out_, 0xc7, 12, 1);
    append(out_, 0xff, value.nanoseconds, 4);
    append_big_endian(out_, static_cast<std::uint64_t>(value.seconds), 8);
  } else if (both >> 32 != 0) {
    append(out_, 0xd7, 0xff, 1);
    append_big_endian(out_, both, 8);
  } else {
    append(out_, 0xd6, 0xff, 1);
    append_big_endian(out_, both, 4);
  }
}

void messagepack_writer::extension(std::int8_t type, std::span<const std::byte> value) {
  switch (value.size()) {
    case 1: out_ += static_cast<char>(0xd4); break;
    case 2: out_ += static_cast<char>(0xd5); break;
    case 4: out_ += static_cast<char>(0xd6); break;
    case 8: out_ += static_cast<char>(0xd7); break;
    case 16: out_ += static_cast<char>(0xd8); break;
    default: append_length(out_, {0xc7, 0xc8, 0xc9}, value.size());
  }
  out_ += static_cast<char>(type);
  append_bytes(out_, value);
}

void messagepack_writer::begin_array(std::size_t size) {
  if (size <= 15) {
    out_ += static_cast<char>(0x90 | size);
  } else {
    append_length(out_, {0, 0xdc, 0xdd}, size);
  }
}

void messagepack_writer::begin_object(std::size_t size) {
  if (size <= 15) {
    out_ += static_cast<char>(0x80 | size);
  } else {
    append_length(out_, {0, 0xde, 0xdf}, size);
  }
}

}  // namespace saker::binding
