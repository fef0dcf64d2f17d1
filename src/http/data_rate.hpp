#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include <saker/http/limits.hpp>

namespace saker::http {

/// How often the rates of data are checked.
inline constexpr std::chrono::seconds rate_check_interval{1};

/// Why a write has failed whose client did not keep pace; equals `std::errc::timed_out`.
std::error_code slow_client_error() noexcept;

/// Tells a slow peer from one that keeps pace (http_limits::min_..._data_rate).
class data_rate {
 public:
  using clock = std::chrono::steady_clock;

  /// From now on, after so many bytes, the peer must keep pace.
  void begin(std::uint64_t bytes) noexcept {
    since_ = clock::now();
    before_ = bytes;
  }
  /// Whether there has been time enough to tell.
  bool is_due(const http_limits& limits) const noexcept {
    return clock::now() - since_ > limits.min_data_rate_grace_period;
  }
  /// Whether it has fallen behind. A rate of 0 asks for nothing.
  bool is_slow(std::uint64_t bytes, std::uint32_t rate, const http_limits& limits) const noexcept {
    const auto time = clock::now() - since_;
    if (rate == 0 || time <= limits.min_data_rate_grace_period) return false;
    const auto wanted = static_cast<double>(rate) * std::chrono::duration<double>(time).count();
    return static_cast<double>(bytes - before_) < wanted;
  }

 private:
  clock::time_point since_;
  std::uint64_t before_ = 0;
};

}  // namespace saker::http
