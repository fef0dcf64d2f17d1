#pragma once

#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace saker::binding {

inline bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t high = 0x8080808080808080U;
  std::uint64_t all = 0;
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    all |= word;
  }
  std::uint64_t word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return ((all | word) & high) == 0;
}

inline bool is_utf8(std::string_view text) noexcept {
  return is_ascii(text) || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace saker::binding
