#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saker_load {

using steady_clock = std::chrono::steady_clock;

class latencies {
 public:
  void add(steady_clock::duration value);
  void clear() { nanoseconds_.clear(); }

  /// In microseconds; 0 without samples. `share` is 0.5 for the median.
  double percentile(double share);

 private:
  std::vector<std::uint32_t> nanoseconds_;
};

/// Measures one connection's messages, one batch in eight: reading the clock costs time as well.
class latency_probe {
 public:
  /// After a batch was sent, with now `in_flight` messages on their way.
  void sent(std::size_t in_flight) {
    if (awaited_ != 0 || ++skipped_ % 8 != 0) return;
    awaited_ = in_flight;
    start_ = steady_clock::now();
  }

  void received(std::size_t echoes, latencies& samples) {
    if (awaited_ == 0) return;
    awaited_ = echoes < awaited_ ? awaited_ - echoes : 0;
    if (awaited_ == 0) samples.add(steady_clock::now() - start_);
  }

 private:
  std::size_t awaited_ = 0;
  std::uint32_t skipped_ = 0;
  steady_clock::time_point start_;
};

}  // namespace saker_load
