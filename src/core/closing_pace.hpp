#pragma once

#include <chrono>
#include <cstdint>

#include "core/deadline.hpp"

namespace saker::core {

/// The limit of an end in order (byte_stream::close): calls its owner back after each period; the
/// owner asks whether the peer is late.
class closing_pace {
 public:
  closing_pace(deadline::callback function, void* owner, std::chrono::milliseconds limit) noexcept
      : timer_(function, owner), limit_(limit) {}

  /// Begins a period: by its end the peer must have taken 240 bytes a second of what is queued.
  void begin(deadline_wheel& wheel, std::uint64_t sent) {
    constexpr std::uint64_t bytes_per_second = 240;
    sent_at_least_ =
        sent + 1 + bytes_per_second * static_cast<std::uint64_t>(limit_.count()) / 1000;
    timer_.set(wheel, limit_);
  }
  /// At the end of a period.
  bool is_late(std::uint64_t sent, bool nothing_queued) const noexcept {
    return nothing_queued || sent < sent_at_least_;
  }
  void clear() noexcept { timer_.clear(); }

 private:
  deadline timer_;
  std::chrono::milliseconds limit_;
  std::uint64_t sent_at_least_ = 0;
};

}  // namespace saker::core
