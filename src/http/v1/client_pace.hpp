#pragma once

#include <cstdint>
#include <optional>

#include "async/loop_state.hpp"
#include "http/exchange/data_rate.hpp"
#include "io/byte_stream.hpp"

namespace saker::http::v1 {

/// Whether a client takes what it has asked for (http_limits::min_response_data_rate), response
/// after response.
class client_pace {
 public:
  /// Looks now.
  bool is_slow(const io::byte_stream& stream, async::loop_state& state, const http_limits& limits) {
    using rest = io::delivery::rest;
    looked_at_ = state.deadlines().coarse_now();
    if (limits.min_response_data_rate == 0) return false;
    const auto [taken, left] = stream.delivered();
    if (left == rest::none) since_.reset();
    if (left != rest::waiting) return false;
    if (!since_) since_.emplace().begin(taken);
    return since_->is_slow(taken, limits.min_response_data_rate, limits, state.is_stopping());
  }
  /// There was seen to be something that the client had not taken.
  bool is_watched() const noexcept { return since_.has_value(); }
  /// Requests that follow each other leave no time for a deadline.
  bool is_time_to_look(async::loop_state& state) const {
    constexpr auto interval = async::deadline_wheel::ticks(rate_check_interval);
    return state.deadlines().coarse_now() >= looked_at_ + interval;
  }

 private:
  std::optional<data_rate> since_;
  std::uint64_t looked_at_ = 0;  ///< In ticks.
};

}  // namespace saker::http::v1
