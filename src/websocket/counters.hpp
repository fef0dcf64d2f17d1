#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <saker/websocket/metrics.hpp>

namespace saker::websockets {

/// A number that one thread counts and any thread reads.
class counter {
 public:
  void add(std::uint64_t amount) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  counter& operator++() noexcept {
    add(1);
    return *this;
  }
  /// Not to be mixed with the others, which may overwrite it.
  void add_from_any_thread(std::uint64_t amount) noexcept {
    value_.fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// The counters of one loop. Written on the loop, read from anywhere.
struct counters {
  counter opened;
  counter opened_over_http2;
  counter ended;
  std::array<counter, 16> closed_by_standard_code;
  counter closed_by_registered_code;
  counter closed_by_private_code;
  counter frames_received;
  counter frames_sent;
  counter bytes_received;
  counter bytes_sent;
  counter compressed_bytes_received;
  counter inflated_bytes_received;
  counter compressed_bytes_sent;
  counter uncompressed_bytes_sent;
  counter messages_dropped;
  counter pings_sent;
  counter keep_alive_timeouts;
  counter idle_timeouts;
  counter send_timeouts;
  counter close_timeouts;

  void count_end(unsigned code) noexcept;
  websocket_metrics read() const noexcept;
};

}  // namespace saker::websockets
