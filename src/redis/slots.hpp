#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "redis/address.hpp"
#include "redis/resp.hpp"

namespace saker::redis {

inline constexpr std::size_t slot_count = 16'384;

/// The slot of a cluster that a sharded channel belongs to: CRC-16 of its name, or of what stands
/// between the first '{' and the next '}' if that is something.
std::uint16_t slot_of(std::string_view channel) noexcept;

/// Which masters a cluster has, and whose each slot is.
class slot_map {
 public:
  slot_map() = default;
  /// Reads the answer to CLUSTER SLOTS; `asked`: who stands behind an empty host. Throws
  /// redis_error.
  slot_map(const redisReply& answer, const address& asked);

  /// Null: nobody's.
  const address* master_of(std::uint16_t slot) const noexcept;
  const std::vector<address>& masters() const noexcept { return masters_; }

 private:
  static constexpr std::uint16_t nobody = 0xffff;
  std::vector<address> masters_;
  std::vector<std::uint16_t> owners_;  ///< By slot: a place in `masters_`.
};

}  // namespace saker::redis
