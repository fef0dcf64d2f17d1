#pragma once

#include <chrono>
#include <cstdint>

#include "async/deadline.hpp"

namespace saker::signalr {

/// Notes since when a connection's client has not taken what it is sent, or is gone. Times are in
/// ticks of the connection's loop.
///
/// Owner: the connection. Thread rule: its loop.
class client_watch {
 public:
  void note_blocked(bool is_blocked) noexcept {
    blocked_since_ = is_blocked ? std::chrono::steady_clock::now() : never;
  }
  /// A time of 0 is no limit.
  bool is_blocked_for(std::chrono::milliseconds time) const noexcept {
    return blocked_since_ != never && time.count() != 0 &&
           std::chrono::steady_clock::now() >= blocked_since_ + time;
  }

  /// False: that has been noted.
  bool note_cut_off(std::uint64_t now) noexcept {
    if (is_cut_off()) return false;
    cut_off_at_ = now;
    return true;
  }
  bool is_cut_off() const noexcept { return cut_off_at_ != 0; }
  bool is_cut_off_for(std::chrono::milliseconds time, std::uint64_t now) const noexcept {
    return is_cut_off() && has_passed(time, cut_off_at_, now);
  }

  /// Its WebSocket has ended, with something left to receive.
  void note_gone(std::uint64_t now) noexcept {
    if (gone_since_ == 0) gone_since_ = now;
  }
  void note_return() noexcept { gone_since_ = 0; }
  bool is_gone_for(std::chrono::milliseconds time, std::uint64_t now) const noexcept {
    return has_passed(time, gone_since_, now);
  }

 private:
  static constexpr std::chrono::steady_clock::time_point never{};
  static bool has_passed(std::chrono::milliseconds time, std::uint64_t since,
                         std::uint64_t now) noexcept {
    return now >= since + async::deadline_wheel::ticks(time);
  }

  /// By the clock itself: the loop's stands still while large events are made.
  std::chrono::steady_clock::time_point blocked_since_ = never;
  std::uint64_t cut_off_at_ = 0;  ///< 0: it is not.
  std::uint64_t gone_since_ = 0;  ///< 0: it is there.
};

}  // namespace saker::signalr
