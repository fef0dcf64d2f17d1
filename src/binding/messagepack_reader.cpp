#include <saker/binding/messagepack_format.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include "binding/base64.hpp"
#include "binding/json_text.hpp"
#include "binding/messagepack_shape.hpp"
#include "binding/refusal.hpp"
#include "binding/utf8.hpp"

namespace saker::binding {
namespace {

constexpr std::int8_t timestamp_type = -1;

[[noreturn]] void malformed() { throw malformed_error("The bytes are no MessagePack."); }

std::uint64_t big_endian(std::string_view bytes) noexcept {
  std::uint64_t number = 0;
  for (const char each : bytes) number = number << 8 | static_cast<std::uint8_t>(each);
  return number;
}

std::optional<timestamp> timestamp_from(std::string_view data) {
  timestamp time;
  switch (data.size()) {
    case 4: time.seconds = static_cast<std::int64_t>(big_endian(data)); break;
    case 8: {
      const auto both = big_endian(data);
      time.seconds = static_cast<std::int64_t>(both & 0x3'ffff'ffff);
      time.nanoseconds = static_cast<std::uint32_t>(both >> 34);
      break;
    }
    case 12:
      time.nanoseconds = static_cast<std::uint32_t>(big_endian(data.substr(0, 4)));
      time.seconds = static_cast<std::int64_t>(big_endian(data.substr(4)));
      break;
    default: return std::nullopt;
  }
  if (time.nanoseconds >= 1'000'000'000) return std::nullopt;
  return time;
}

}  // namespace

std::uint8_t messagepack_reader::front() const {
  if (rest_.empty()) malformed();
  return static_cast<std::uint8_t>(rest_.front());
}

/// A number of that many bytes, behind the first byte.
std::uint64_t messagepack_reader::take(std::size_t bytes) {
  if (rest_.size() <= bytes) malformed();
  const auto number = big_endian(rest_.substr(1, bytes));
  rest_.remove_prefix(bytes + 1);
  return number;
}

std::string_view messagepack_reader::take_bytes(std::uint64_t size) {
  if (size > rest_.size()) malformed();
  const auto bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

value_kind messagepack_reader::peek() {
  const auto first = front();
  if (first <= 0x7f || first >= 0xe0) return value_kind::number;
  if (first <= 0x8f) return value_kind::object;
  if (first <= 0x9f) return value_kind::array;
  if (first <= 0xbf) return value_kind::string;
  switch (first) {
    case 0xc0: return value_kind::null;
    case 0xc2:
    case 0xc3: return value_kind::boolean;
    case 0xc4:
    case 0xc5:
    case 0xc6: return value_kind::bytes;
    case 0xc7:
    case 0xc8:
    case 0xc9:
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8: return value_kind::extension;
    case 0xd9:
    case 0xda:
    case 0xdb: return value_kind::string;
    case 0xdc:
    case 0xdd: return value_kind::array;
    case 0xde:
    case 0xdf: return value_kind::object;
    case 0xc1: malformed();
    default: return value_kind::number;
  }
}

bool messagepack_reader::null() {
  if (front() != 0xc0) return false;
  rest_.remove_prefix(1);
  return true;
}

bool messagepack_reader::boolean() {
  const auto first = front();
  if (first != 0xc2 && first != 0xc3) refuse_value("true or false");
  rest_.remove_prefix(1);
  return first == 0xc3;
}

std::variant<std::int64_t, std::uint64_t, double> messagepack_reader::any_number() {
  const auto first = front();
  if (first <= 0x7f) {
    rest_.remove_prefix(1);
    return std::uint64_t{first};
  }
  const auto signed_of =
      [](std::int64_t value) -> std::variant<std::int64_t, std::uint64_t, double> {
    if (value < 0) return value;
    return static_cast<std::uint64_t>(value);
  };
  switch (first) {
    case 0xca:
      return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(take(4))));
    case 0xcb: return std::bit_cast<double>(take(8));
    case 0xcc: return take(1);
    case 0xcd: return take(2);
    case 0xce: return take(4);
    case 0xcf: return take(8);
    case 0xd0: return signed_of(static_cast<std::int8_t>(take(1)));
    case 0xd1: return signed_of(static_cast<std::int16_t>(take(2)));
    case 0xd2: return signed_of(static_cast<std::int32_t>(take(4)));
    case 0xd3: return signed_of(static_cast<std::int64_t>(take(8)));
    default: break;
  }
  if (first < 0xe0) refuse_value("a number");
  rest_.remove_prefix(1);
  return static_cast<std::int64_t>(static_cast<std::int8_t>(first));
}

std::int64_t messagepack_reader::integer(std::int64_t least, std::int64_t most) {
  const auto number = any_number();
  const auto* const negative = std::get_if<std::int64_t>(&number);
  const auto* const positive = std::get_if<std::uint64_t>(&number);
  if (!negative && !positive) refuse_value("an integer");
  if (positive && *positive > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    refuse_value("an integer that fits");
  }
  const auto value = negative ? *negative : static_cast<std::int64_t>(*positive);
  if (value < least || value > most) refuse_value("an integer that fits");
  return value;
}

std::uint64_t messagepack_reader::unsigned_integer(std::uint64_t most) {
  const auto number = any_number();
  const auto* const positive = std::get_if<std::uint64_t>(&number);
  if (!positive || *positive > most) refuse_value("an integer that fits");
  return *positive;
}

double messagepack_reader::number() {
  const auto number = any_number();
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

float messagepack_reader::single() {
  const auto value = number();
  if (std::isfinite(value) && std::abs(value) > double{std::numeric_limits<float>::max()}) {
    refuse_value("a number that fits");
  }
  return static_cast<float>(value);
}

std::string_view messagepack_reader::take_string() {
  const auto first = front();
  std::uint64_t size = 0;
  switch (first) {
    case 0xd9: size = take(1); break;
    case 0xda: size = take(2); break;
    case 0xdb: size = take(4); break;
    default:
      if (first < 0xa0 || first > 0xbf) refuse_value("a string");
      size = first & 0x1fU;
      rest_.remove_prefix(1);
  }
  return take_bytes(size);
}

std::string_view messagepack_reader::string() {
  const auto text = take_string();
  if (!is_utf8(text)) refuse_value("UTF-8");
  return text;
}

std::string_view messagepack_reader::repaired_string() {
  const auto text = take_string();
  return is_utf8(text) ? text : repaired_ = binding::repaired_utf8(text);
}

std::vector<std::byte> messagepack_reader::bytes() {
  std::uint64_t size = 0;
  switch (front()) {
    case 0xc4: size = take(1); break;
    case 0xc5: size = take(2); break;
    case 0xc6: size = take(4); break;
    default: refuse_value("bytes");
  }
  const auto data = take_bytes(size);
  const auto* const begin = reinterpret_cast<const std::byte*>(data.data());
  return {begin, begin + data.size()};
}

value_reader::extension_value messagepack_reader::extension() {
  std::uint64_t size = 0;
  switch (front()) {
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      size = std::uint64_t{1} << (front() - 0xd4U);
      rest_.remove_prefix(1);
      break;
    case 0xc7: size = take(1); break;
    case 0xc8: size = take(2); break;
    case 0xc9: size = take(4); break;
    default: refuse_value("an extension");
  }
  const auto type = static_cast<std::int8_t>(take_bytes(1).front());
  return {type, take_bytes(size)};
}

timestamp messagepack_reader::time() {
  if (peek() == value_kind::string) {
    const auto read = from_iso_text(string());
    if (!read) refuse_value("a point in time");
    return read->time;
  }
  const auto read = extension();
  const auto time = read.type == timestamp_type ? timestamp_from(read.data) : std::nullopt;
  if (!time) refuse_value("a point in time");
  return *time;
}

std::size_t messagepack_reader::begin(std::uint64_t count, std::uint64_t values_each) {
  // Each value takes a byte at least.
  if (count * values_each > rest_.size() || ++depth_ > most_nesting) malformed();
  left_[static_cast<std::size_t>(depth_)] = static_cast<std::uint32_t>(count);
  return count;
}

std::size_t messagepack_reader::begin_array() {
  const auto first = front();
  if (first >= 0x90 && first <= 0x9f) {
    rest_.remove_prefix(1);
    return begin(first & 0x0fU, 1);
  }
  if (first != 0xdc && first != 0xdd) refuse_value("an array");
  return begin(take(first == 0xdc ? 2 : 4), 1);
}

std::size_t messagepack_reader::begin_object() {
  const auto first = front();
  if (first >= 0x80 && first <= 0x8f) {
    rest_.remove_prefix(1);
    return begin(first & 0x0fU, 2);
  }
  if (first != 0xde && first != 0xdf) refuse_value("a map");
  return begin(take(first == 0xde ? 2 : 4), 2);
}

bool messagepack_reader::next_element() {
  auto& left = left_[static_cast<std::size_t>(depth_)];
  if (left == 0) {
    --depth_;
    return false;
  }
  --left;
  return true;
}

// JavaScript's objects have only texts as keys.

std::int64_t messagepack_reader::integer_key(std::int64_t least, std::int64_t most) {
  if (peek() != value_kind::string) return integer(least, most);
  return number_of_key(string(), least, most);
}

std::uint64_t messagepack_reader::unsigned_key(std::uint64_t most) {
  if (peek() != value_kind::string) return unsigned_integer(most);
  return number_of_key(string(), std::uint64_t{0}, most);
}

std::string_view messagepack_reader::skip() {
  const auto extent = messagepack_extent_of(rest_, most_nesting - depth_);
  if (extent.bytes == 0) malformed();
  skipped_ = extent.values;
  return take_bytes(extent.bytes);
}

}  // namespace saker::binding
