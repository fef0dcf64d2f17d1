#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "async/disposable.hpp"

namespace saker::http {

/// Counts what a server allows a number of at a time. Any thread.
///
/// Owner: the server. It outlives the slots.
class connection_slots {
 public:
  /// A slot, taken until it is destroyed. Null: all are taken.
  std::unique_ptr<async::disposable> take(std::size_t most) {
    if (taken_.fetch_add(1) >= most) {
      taken_.fetch_sub(1);
      return nullptr;
    }
    return std::make_unique<slot>(taken_);
  }

 private:
  struct slot final : async::disposable {
    explicit slot(std::atomic<std::size_t>& all) noexcept : taken(all) {}
    ~slot() override { taken.fetch_sub(1); }
    std::atomic<std::size_t>& taken;
  };

  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace saker::http
