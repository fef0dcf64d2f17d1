#include "websocket/utf8_validator.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace saker::websockets {
namespace {

constexpr std::size_t worth_bulk = 32;

bool is_ascii(std::span<const std::byte> data) noexcept {
  std::uint64_t seen = 0;
  const auto* from = data.data();
  auto left = data.size();
  for (; left >= 8; left -= 8, from += 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    seen |= word;
  }
  for (std::size_t i = 0; i < left; ++i) seen |= std::to_integer<std::uint64_t>(from[i]);
  return (seen & 0x8080808080808080ULL) == 0;
}

/// How many bytes at the end may belong to a character that is not complete: at most 3.
std::size_t open_tail(std::span<const std::byte> data) noexcept {
  const auto most = std::min<std::size_t>(3, data.size());
  for (std::size_t back = 1; back <= most; ++back) {
    const auto byte = std::to_integer<unsigned>(data[data.size() - back]);
    if (byte < 0x80) return 0;
    if (byte >= 0xC0) return back;
  }
  return 0;  // The end of a character of four bytes, or wrong in any case.
}

}  // namespace

bool utf8_validator::feed(std::span<const std::byte> data) noexcept {
  while (missing_ != 0 && !data.empty()) {
    if (!step(std::to_integer<std::uint8_t>(data.front()))) return false;
    data = data.subspan(1);
  }
  if (is_ascii(data)) return true;
  if (data.size() >= worth_bulk) {
    const auto tail = open_tail(data);
    const auto body = data.first(data.size() - tail);
    if (!simdjson::validate_utf8(reinterpret_cast<const char*>(body.data()), body.size())) {
      return false;
    }
    data = data.last(tail);
  }
  return std::all_of(data.begin(), data.end(),
                     [this](std::byte byte) { return step(std::to_integer<std::uint8_t>(byte)); });
}

// The table of well-formed sequences: Unicode, table 3-7.
bool utf8_validator::step(std::uint8_t byte) noexcept {
  if (missing_ != 0) {
    if (byte < low_ || byte > high_) return false;
    --missing_;
    low_ = 0x80;
    high_ = 0xBF;
    return true;
  }
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  low_ = 0x80;
  high_ = 0xBF;
  if (byte < 0xE0) {
    missing_ = 1;
  } else if (byte < 0xF0) {
    missing_ = 2;
    if (byte == 0xE0) low_ = 0xA0;
    if (byte == 0xED) high_ = 0x9F;
  } else {
    missing_ = 3;
    if (byte == 0xF0) low_ = 0x90;
    if (byte == 0xF4) high_ = 0x8F;
  }
  return true;
}

}  // namespace saker::websockets
