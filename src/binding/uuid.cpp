#include <saker/binding/uuid.hpp>

#include <openssl/rand.h>

#include <stdexcept>

namespace saker {
namespace {

constexpr std::size_t text_size = 36;

constexpr bool is_hyphen(std::size_t place) noexcept {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

uuid uuid::random() {
  uuid made;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(made.bytes.data()),
                 static_cast<int>(made.bytes.size())) != 1) {
    throw std::runtime_error("No random numbers are to be had.");
  }
  made.bytes[6] = (made.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  made.bytes[8] = (made.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return made;
}

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
  if (text.size() != text_size) return std::nullopt;
  uuid read;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text_size; ++i) {
    if (is_hyphen(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = digit_of(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = read.bytes[digits++ / 2];
    byte = byte << 4 | static_cast<std::byte>(digit);
  }
  return read;
}

std::string uuid::text() const {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(text_size);
  for (const auto each : bytes) {
    if (is_hyphen(text.size())) text += '-';
    text += digits[std::to_integer<unsigned>(each) >> 4];
    text += digits[std::to_integer<unsigned>(each) & 15];
  }
  return text;
}

}  // namespace saker
