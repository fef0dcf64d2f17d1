#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace saker::signalr {

/// What a WebSocket receives into, and the application is shown where it lies. An idle one holds
/// four times what has come at once, where that was much; it shrinks by halves.
class receive_buffer {
 public:
  /// Bytes that have not been shown.
  std::size_t committed() const noexcept { return committed_; }

  /// Small pieces of messages cost more than they are worth.
  bool has_space() const noexcept { return begin_ + committed_ + least / 2 <= size_; }
  /// Behind what is there.
  std::span<std::byte> space() const noexcept {
    return std::span(bytes_.get(), size_).subspan(begin_ + committed_);
  }
  /// The application is done with all of it.
  void start_over() {
    begin_ = 0;
    if (size_ == wanted_) return;
    bytes_ = std::make_unique_for_overwrite<std::byte[]>(wanted_);
    size_ = wanted_;
  }

  void commit(std::size_t bytes) noexcept {
    committed_ += bytes;
    ++commits_;
  }
  void drop() noexcept { committed_ = 0; }
  /// What is committed from here on continues nothing that came before.
  void begin_anew() noexcept { anew_ = true; }
  bool take_anew() noexcept { return std::exchange(anew_, false); }
  std::span<const std::byte> show() noexcept {
    const bool is_much = commits_ > 1 || committed_ >= least;
    wanted_ = std::clamp(is_much ? std::bit_ceil(4 * committed_) : wanted_ / 2, least, most);
    commits_ = 0;
    const std::span piece(bytes_.get() + begin_, committed_);
    begin_ += std::exchange(committed_, 0);
    return piece;
  }

 private:
  static constexpr std::size_t least = 256;
  static constexpr std::size_t most = 8192;

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t begin_ = 0;  ///< Of what is committed, behind what is shown.
  std::size_t committed_ = 0;
  std::size_t commits_ = 0;
  std::size_t size_ = 0;
  std::size_t wanted_ = least;  ///< Of the next one.
  bool anew_ = false;
};

}  // namespace saker::signalr
