#pragma once

#include <algorithm>
#include <cstdint>

namespace saker::async {

/// Allows a burst, and then so many a second: what an honest client never needs more of.
class token_bucket {
 public:
  token_bucket(std::uint32_t burst, std::uint32_t rate) noexcept
      : burst_(burst), rate_(rate), tokens_(burst) {}

  /// False: there is none left. `second` is any clock that counts seconds.
  bool take(std::uint64_t second) noexcept {
    if (second > last_) {
      const auto more = std::min<std::uint64_t>(second - last_, burst_) * rate_;
      tokens_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(burst_, tokens_ + more));
      last_ = second;
    }
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

 private:
  std::uint32_t burst_;
  std::uint32_t rate_;
  std::uint32_t tokens_;
  std::uint64_t last_ = 0;
};

}  // namespace saker::async
