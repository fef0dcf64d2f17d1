#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "io/byte_stream.hpp"
#include "io/kept_input.hpp"

namespace saker::io {

/// The receiving side of a byte stream: to whom what arrives is shown, and what it has left of it.
class shown_input {
 public:
  stream_handler* handler = nullptr;
  bool reading = true;

  bool is_kept() const noexcept { return kept_ != nullptr; }
  std::size_t kept_size() const noexcept { return kept_ ? kept_->rest().size() : 0; }
  /// Copies what is kept to the front of the buffer, where more follows it.
  void restore(std::span<std::byte> buffer) const {
    if (kept_) std::memcpy(buffer.data(), kept_->rest().data(), kept_->rest().size());
  }
  void forget() noexcept { kept_.reset(); }

  /// Shows data that begin with what was kept, and keeps what is left.
  void show(std::span<std::byte> data) {
    forget();
    data = offer(data);
    if (!data.empty() && handler) {
      kept_ = std::make_unique<kept_input>(std::vector(data.begin(), data.end()));
    }
  }
  void show_again() {
    auto kept = std::exchange(kept_, nullptr);
    const auto left = offer(kept->rest()).size();
    kept->take(kept->rest().size() - left);
    if (left != 0 && handler) kept_ = std::move(kept);
  }

 private:
  std::span<std::byte> offer(std::span<std::byte> data) {
    while (!data.empty() && handler && reading) {
      auto* const before = handler;
      const auto used = before->on_read(data);
      data = data.subspan(used);
      // A handler that took nothing waits for more, unless it has handed the stream on.
      if (used == 0 && handler == before) break;
    }
    return data;
  }

  std::unique_ptr<kept_input> kept_;
};

}  // namespace saker::io
