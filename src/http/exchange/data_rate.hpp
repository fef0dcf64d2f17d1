#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>

#include <saker/http/exchange/limits.hpp>

namespace saker::http {

/// How often the rates of data are checked.
inline constexpr std::chrono::seconds rate_check_interval{1};
/// How long a client may be silent that a stopping server waits for.
inline constexpr std::chrono::seconds stopping_limit{1};

/// Why a write has failed whose client did not keep pace; equals `std::errc::timed_out`.
std::error_code slow_client_error() noexcept;

/// Tells a slow peer from one that keeps pace (http_limits::min_..._data_rate): what it moves buys
/// it time, up to four grace periods, so that a burst does not excuse a long silence; while the
/// server stops, up to `stopping_limit`.
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
  bool is_slow(std::uint64_t bytes, std::uint32_t rate, const http_limits& limits,
               bool stopping) noexcept {
    if (rate == 0) return false;
    const auto now = clock::now();
    const seconds grace = limits.min_data_rate_grace_period;
    const seconds most = stopping ? std::min<seconds>(grace, stopping_limit) : 4 * grace;
    const seconds bought(static_cast<double>(bytes - before_) / rate);
    left_ =
        std::min<seconds>(left_.value_or(std::min(grace, most)) + bought - (now - since_), most);
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
