#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace saker::simulation {

/// A body that follows from its number and size, so that both sides know it.
inline std::string make_body(std::size_t number, std::size_t size) {
  std::string text;
  text.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    text += static_cast<char>('a' + (number * 31 + i + i / 97) % 26);
  }
  return text;
}

inline std::size_t to_number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace saker::simulation
