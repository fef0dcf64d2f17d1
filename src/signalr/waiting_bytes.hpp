#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace saker::signalr {

/// A part of what waits for all clients of the process. Thread rule: the owner's; the sum: any.
class waiting_bytes {
 public:
  static std::size_t of_process() noexcept { return all_.load(std::memory_order_relaxed); }

  waiting_bytes() noexcept = default;
  explicit waiting_bytes(std::size_t bytes) noexcept { set(bytes); }
  waiting_bytes(waiting_bytes&& from) noexcept : own_(std::exchange(from.own_, 0)) {}
  waiting_bytes& operator=(waiting_bytes&&) = delete;
  ~waiting_bytes() { set(0); }

  std::size_t bytes() const noexcept { return own_; }
  void set(std::size_t bytes) noexcept {
    if (bytes != own_) all_.fetch_add(bytes - own_, std::memory_order_relaxed);
    own_ = bytes;
  }

 private:
  static inline std::atomic<std::size_t> all_ = 0;
  std::size_t own_ = 0;
};

}  // namespace saker::signalr
