#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace saker::io {

/// What a handler has not taken. It is moved when half of it has gone, not for each piece, and into
/// memory of its size.
class kept_input {
 public:
  explicit kept_input(std::vector<std::byte> bytes) noexcept : bytes_(std::move(bytes)) {}

  bool empty() const noexcept { return taken_ == bytes_.size(); }
  std::span<std::byte> rest() noexcept { return std::span(bytes_).subspan(taken_); }
  void append(std::span<const std::byte> data) {
    bytes_.insert(bytes_.end(), data.begin(), data.end());
  }
  void take(std::size_t count) {
    taken_ += count;
    if (taken_ < bytes_.size() - taken_) return;
    const auto left = rest();
    bytes_ = std::vector(left.begin(), left.end());
    taken_ = 0;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
};

}  // namespace saker::io
