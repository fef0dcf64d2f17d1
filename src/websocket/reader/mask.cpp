#include "websocket/reader/mask.hpp"

#include <bit>
#include <cstring>

namespace saker::websockets {

void copy_unmasked(std::byte* target, std::span<const std::byte> source, std::uint32_t mask,
                   std::uint64_t offset) noexcept {
  // Turned so that the first byte of the mask belongs to the first byte of the source.
  const auto turn = static_cast<int>(offset % 4 * 8);
  const auto turned =
      std::endian::native == std::endian::little ? std::rotr(mask, turn) : std::rotl(mask, turn);
  const std::uint64_t wide = static_cast<std::uint64_t>(turned) << 32 | turned;
  const auto* from = source.data();
  auto left = source.size();
  for (; left >= 32; left -= 32, from += 32, target += 32) {
    std::uint64_t words[4];
    std::memcpy(words, from, 32);
    for (auto& word : words) word ^= wide;
    std::memcpy(target, words, 32);
  }
  for (; left >= 8; left -= 8, from += 8, target += 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    word ^= wide;
    std::memcpy(target, &word, 8);
  }
  std::byte key[4];
  std::memcpy(key, &turned, 4);
  for (std::size_t i = 0; i < left; ++i) target[i] = from[i] ^ key[i % 4];
}

}  // namespace saker::websockets
