#pragma once

#include <chrono>
#include <cstdint>

#include <saker/http/exchange/limits.hpp>

#include "async/deadline.hpp"

namespace saker::http::v2 {

/// The limits in time of a connection: when something may be due, and what. Whatever is not running
/// is at 0.
class connection_clock {
 public:
  /// In ticks of the wheel.
  using ticks = std::uint64_t;

  connection_clock(async::deadline::callback on_due, void* owner, const http_limits& limits,
                   async::deadline_wheel& wheel);

  ticks now() noexcept { return wheel_.coarse_now(); }
  /// Of any clock that counts seconds.
  std::uint64_t second() noexcept { return now() / ticks_per_second; }
  /// Calls `on_due` when something may be due, at the earliest.
  void set();
  void set(std::chrono::milliseconds after) { timer_.set(wheel_, after); }
  void clear() noexcept { timer_.clear(); }

  void note_frame() noexcept { last_frame_ = now(); }
  void begin_headers() noexcept { headers_since_ = now(); }
  void end_headers() noexcept { headers_since_ = 0; }
  bool has_open_headers() const noexcept { return headers_since_ != 0; }
  void begin_idle() noexcept { idle_since_ = now(); }
  void end_idle() noexcept { idle_since_ = 0; }
  /// The client has a moment to see the first GOAWAY.
  void begin_shutdown() noexcept { shutdown_since_ = now(); }
  void end_shutdown() noexcept { shutdown_since_ = 0; }
  /// The client owes to take something, which is looked at once a second.
  void begin_owing() noexcept { owing_checked_ = now(); }
  void end_owing() noexcept { owing_checked_ = 0; }
  /// Now: what has been before counts no more.
  void check_owing_soon() noexcept {
    if (owing_checked_ != 0) owing_checked_ = 1;
  }

  bool are_headers_late(ticks time) const noexcept;
  bool is_shutdown_due(ticks time) const noexcept;
  bool is_idle_over(ticks time) const noexcept;
  bool note_owing_checked(ticks time) noexcept;

  /// What the silence of the client asks for (RFC 9113, section 6.7).
  enum class silence : std::uint8_t { fine, ping, late };
  silence check_silence(ticks time) noexcept;
  /// What the client sends is not seen while nothing is read.
  void excuse_silence(ticks time) noexcept { last_frame_ = ping_since_ = time; }
  void note_ping_answered() noexcept { is_pinging_ = false; }

 private:
  static constexpr ticks ticks_per_second = std::chrono::seconds(1) / async::deadline_wheel::tick;

  ticks next_due() const noexcept;

  const http_limits& limits_;
  async::deadline_wheel& wheel_;
  async::deadline timer_;
  ticks due_ = 0;
  ticks last_frame_;
  ticks idle_since_;
  ticks headers_since_ = 0;
  ticks shutdown_since_ = 0;
  ticks owing_checked_ = 0;
  ticks ping_since_ = 0;
  bool is_pinging_ = false;
};

}  // namespace saker::http::v2
