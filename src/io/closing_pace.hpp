#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "async/deadline.hpp"
#include "async/loop_state.hpp"

namespace saker::io {

/// The limit of an end in order (byte_stream::close): calls its owner back after each period; the
/// owner asks whether the peer is late. While the loop is stopping a period is a second at most.
class closing_pace final : private async::stoppable {
 public:
  closing_pace(async::deadline::callback function, void* owner,
               std::chrono::milliseconds limit) noexcept
      : timer_(function, owner), limit_(limit) {}

  std::chrono::milliseconds limit() const noexcept { return limit_; }
  /// Begins a period: by its end the peer must have taken 240 bytes a second of what is queued.
  void begin(async::loop_state& loop, std::uint64_t sent) {
    loop_ = &loop;
    begun_at_ = sent;
    if (!loop.is_stopping()) loop.stoppables().push_back(*this);
    set(loop.is_stopping() ? std::min(limit_, while_stopping) : limit_);
  }
  /// At the end of a period.
  bool is_late(std::uint64_t sent, bool nothing_queued) const noexcept {
    return nothing_queued || sent < sent_at_least_;
  }
  void clear() noexcept {
    timer_.clear();
    unlink();
  }

 private:
  static constexpr std::chrono::milliseconds while_stopping{1000};

  void on_stopping() override {
    if (timer_.is_set()) set(std::min(limit_, while_stopping));
  }
  void set(std::chrono::milliseconds period) {
    constexpr std::uint64_t bytes_per_second = 240;
    sent_at_least_ =
        begun_at_ + 1 + bytes_per_second * static_cast<std::uint64_t>(period.count()) / 1000;
    timer_.set(loop_->deadlines(), period);
  }

  async::deadline timer_;
  std::chrono::milliseconds limit_;
  async::loop_state* loop_ = nullptr;
  std::uint64_t begun_at_ = 0;
  std::uint64_t sent_at_least_ = 0;
};

}  // namespace saker::io
