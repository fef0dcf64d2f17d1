#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>

#include <saker/http/limits.hpp>

namespace saker::http {

/// How often the rates of data are checked.
inline constexpr std::chrono::seconds rate_check_interval{1};

/// Why a write has failed whose client did not keep pace; equals `std::errc::timed_out`.
std::error_code slow_client_error() noexcept;

/// Tells a slow peer from one that keeps pace (http_limits::min_..._data_rate): what it moves buys
/// it time, up to four grace periods, so that a burst does not excuse a long silence.
class data_rate {
 public:
  using clock = std::chrono::steady_clock;

  /// From now on, after so many bytes, the peer must keep pace.
  void begin(std::uint64_t bytes) noexcept {
    since_ = clock::now();
    before_ = bytes;
    left_.reset();
  }
  /// Whether it has fallen behind. A rate of 0 asks for nothing.
  bool is_slow(std::uint64_t bytes, std::uint32_t rate, const http_limits& limits) noexcept {
    if (rate == 0) return false;
    const auto now = clock::now();
    const seconds grace = limits.min_data_rate_grace_period;
    const seconds bought(static_cast<double>(bytes - before_) / rate);
    left_ = std::min<seconds>(left_.value_or(grace) + bought - (now - since_), 4 * grace);
    since_ = now;
    before_ = bytes;
    return *left_ < seconds(0);
  }

 private:
  using seconds = std::chrono::duration<double>;

  clock::time_point since_;
  std::uint64_t before_ = 0;
  std::optional<seconds> left_;
};

}  // namespace saker::http
