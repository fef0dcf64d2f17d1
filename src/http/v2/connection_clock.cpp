#include "http/v2/connection_clock.hpp"

#include <algorithm>
#include <limits>

namespace saker::http::v2 {
namespace {

using ticks = connection_clock::ticks;

constexpr std::chrono::seconds shutdown_step{1};
constexpr ticks never = std::numeric_limits<ticks>::max();

ticks after(ticks since, std::chrono::milliseconds time) {
  if (since == 0 || time == std::chrono::milliseconds::max()) return never;
  const auto count = (time + async::deadline_wheel::tick - std::chrono::milliseconds(1)) /
                     async::deadline_wheel::tick;
  return since + static_cast<ticks>(count);
}

}  // namespace

connection_clock::connection_clock(async::deadline::callback on_due, void* owner,
                                   const http_limits& limits, async::deadline_wheel& wheel)
    : limits_(limits),
      wheel_(wheel),
      timer_(on_due, owner),
      last_frame_(wheel.coarse_now()),
      idle_since_(last_frame_) {}

ticks connection_clock::next_due() const noexcept {
  const auto ping = is_pinging_ ? after(ping_since_, limits_.http2.keep_alive_ping_timeout)
                                : after(last_frame_, limits_.http2.keep_alive_ping_delay);
  return std::min({after(headers_since_, limits_.request_headers_timeout),
                   after(shutdown_since_, shutdown_step),
                   after(idle_since_, limits_.keep_alive_timeout),
                   after(owing_checked_, std::chrono::seconds(1)), ping});
}

void connection_clock::set() {
  const auto due = next_due();
  if (due == never || (timer_.is_set() && due_ <= due)) return;
  due_ = due;
  const auto time = now();
  const auto left = due > time ? due - time : 0;
  timer_.set(wheel_,
             async::deadline_wheel::tick * static_cast<std::chrono::milliseconds::rep>(left));
}

bool connection_clock::are_headers_late(ticks time) const noexcept {
  return after(headers_since_, limits_.request_headers_timeout) <= time;
}

bool connection_clock::is_shutdown_due(ticks time) const noexcept {
  return after(shutdown_since_, shutdown_step) <= time;
}

bool connection_clock::is_idle_over(ticks time) const noexcept {
  return after(idle_since_, limits_.keep_alive_timeout) <= time;
}

/// Whether anything is owed.
bool connection_clock::note_owing_checked(ticks time) noexcept {
  if (owing_checked_ == 0) return false;
  owing_checked_ = time;
  return true;
}

connection_clock::silence connection_clock::check_silence(ticks time) noexcept {
  if (is_pinging_) {
    if (last_frame_ > ping_since_) {
      is_pinging_ = false;
    } else if (after(ping_since_, limits_.http2.keep_alive_ping_timeout) <= time) {
      return silence::late;
    }
  } else if (after(last_frame_, limits_.http2.keep_alive_ping_delay) <= time) {
    is_pinging_ = true;
    ping_since_ = time;
    return silence::ping;
  }
  return silence::fine;
}

}  // namespace saker::http::v2
