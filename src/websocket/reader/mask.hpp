#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace saker::websockets {

/// Copies a masked payload and unmasks it on the way (RFC 6455, section 5.3). `offset` is the
/// position of the first byte in its frame; the target has room for all of it.
void copy_unmasked(std::byte* target, std::span<const std::byte> source, std::uint32_t mask,
                   std::uint64_t offset) noexcept;

}  // namespace saker::websockets
