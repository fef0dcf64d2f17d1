#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace saker::redis {

/// What a bus has done since its start.
struct bus_counters {
  std::atomic<bool> connected = false;
  std::atomic<std::uint64_t> connections_lost = 0;
  std::atomic<std::uint64_t> published = 0;
  std::atomic<std::uint64_t> publishes_failed = 0;
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::size_t> pending_bytes = 0;
};

}  // namespace saker::redis
