#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace saker::binding {

/// Where the plain part of a JSON string ends: at a quote, an escape, a control character, or the
/// end. `ascii` becomes false for what is none before that.
inline const char* end_of_plain_json(const char* at, const char* end, bool& ascii) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high = 0x8080808080808080U;
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); };
    const auto control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const auto special = _mm_or_si128(_mm_or_si128(is('"'), is('\\')), control);
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    const auto wide = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (found != 0) {
      const auto first = std::countr_zero(found);
      ascii = ascii && (wide & ((1U << first) - 1)) == 0;
      return at + first;
    }
    ascii = ascii && wide == 0;
  }
#endif
  std::uint64_t seen = 0;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const auto quote = word ^ (ones * '"');
    const auto escape = word ^ (ones * '\\');
    // The lowest bit that is set is right; those above it may be borrowed.
    const auto found =
        (((quote - ones) & ~quote) | ((escape - ones) & ~escape) | ((word - ones * 0x20) & ~word)) &
        high;
    if (found != 0) {
      const auto first = std::countr_zero(found);
      seen |= word & ((std::uint64_t{1} << first) - 1);
      ascii = ascii && (seen & high) == 0;
      return at + first / 8;
    }
    seen |= word;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) {
    seen |= static_cast<unsigned char>(*at++);
  }
  ascii = ascii && (seen & high) == 0;
  return at;
}

}  // namespace saker::binding
