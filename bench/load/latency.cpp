#include "latency.hpp"

#include <algorithm>
#include <limits>

namespace saker_load {

void latencies::add(steady_clock::duration value) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto count = std::chrono::duration_cast<std::chrono::nanoseconds>(value).count();
  nanoseconds_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, most)));
}

double latencies::percentile(double share) {
  if (nanoseconds_.empty()) return 0;
  const auto rank = share * static_cast<double>(nanoseconds_.size() - 1);
  const auto nth = nanoseconds_.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(nanoseconds_.begin(), nth, nanoseconds_.end());
  return static_cast<double>(*nth) / 1000;
}

}  // namespace saker_load
