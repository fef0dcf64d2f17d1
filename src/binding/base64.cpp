#include "binding/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <limits>

#include <saker/binding/error.hpp>

namespace saker::binding {
namespace {

bool is_digit_of_base64(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

void append_base64(std::string& out, std::span<const std::byte> bytes) {
  if (bytes.size() > std::numeric_limits<int>::max() / 2) {
    throw binding_error("So many bytes cannot be written as base64.");
  }
  const auto before = out.size();
  out.resize(before + (bytes.size() + 2) / 3 * 4 + 1);  // With the zero that OpenSSL appends.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + before),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  out.pop_back();
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > std::size_t{std::numeric_limits<int>::max()}) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  // OpenSSL skips blanks, and takes padding anywhere for zeros.
  const auto digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(), is_digit_of_base64)) return std::nullopt;
  // Digits before padding whose last bits belong to no byte: those bits are zero.
  constexpr auto npos = std::string_view::npos;
  constexpr std::array<std::string_view, 3> before_padding{"", "AEIMQUYcgkosw048", "AQgw"};
  if (padding != 0 && before_padding[padding].find(digits.back()) == npos) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace saker::binding
