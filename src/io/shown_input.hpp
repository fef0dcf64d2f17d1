#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "io/byte_stream.hpp"
#include "io/input_end.hpp"
#include "io/kept_input.hpp"

namespace saker::io {

/// The receiving side of a byte stream: to whom what arrives is shown, what it has left of it, and
/// the end behind that.
class shown_input {
 public:
  stream_handler* handler = nullptr;
  input_end end;

  /// The handler has not paused.
  bool is_wanted() const noexcept { return pace_ != pace::paused; }
  bool is_reading() const noexcept { return pace_ == pace::reading; }
  void pause() noexcept { pace_ = pace::paused; }
  /// The handler has no budget: nothing is read until it resumes, or another comes.
  void starve() noexcept { pace_ = pace::starved; }
  /// Reads on, without a handler to whom something has to be shown again.
  void read_on() noexcept { pace_ = pace::reading; }
  void resume() noexcept {
    read_on();
    show_again_ = true;
  }
  /// Hands over to another handler, or to none.
  void set_handler(stream_handler* next) noexcept {
    handler = next;
    end.forget_announced();
    if (pace_ == pace::starved) pace_ = pace::reading;
  }

  bool is_kept() const noexcept { return kept_ != nullptr; }
  std::size_t kept_size() const noexcept { return kept_ ? kept_->rest().size() : 0; }
  /// Copies what is kept to the front of the buffer, where more follows it.
  void restore(std::span<std::byte> buffer) const {
    if (kept_) std::memcpy(buffer.data(), kept_->rest().data(), kept_->rest().size());
  }
  /// Nobody is shown anything any more.
  void forget_handler() noexcept {
    handler = nullptr;
    kept_.reset();
  }

  /// Shows data that begin with what was kept, and keeps what is left.
  void show(std::span<std::byte> data) {
    kept_.reset();
    data = offer(data);
    if (!data.empty() && handler) {
      kept_ = std::make_unique<kept_input>(std::vector(data.begin(), data.end()));
    }
  }
  /// What is kept is to be shown again at the end of the turn, ahead of anything else.
  bool has_to_show_again() const noexcept { return show_again_; }
  bool take_show_again() noexcept { return std::exchange(show_again_, false); }
  void show_again() {
    auto kept = std::exchange(kept_, nullptr);
    const auto left = offer(kept->rest()).size();
    kept->take(kept->rest().size() - left);
    if (left != 0 && handler) kept_ = std::move(kept);
  }

 private:
  enum class pace : std::uint8_t { reading, starved, paused };

  std::span<std::byte> offer(std::span<std::byte> data) {
    while (!data.empty() && handler && is_wanted()) {
      auto* const before = handler;
      const auto used = before->on_read(data);
      data = data.subspan(used);
      // A handler that took nothing waits for more, unless it has handed the stream on.
      if (used == 0 && handler == before) break;
    }
    return data;
  }

  pace pace_ = pace::reading;
  bool show_again_ = false;
  std::unique_ptr<kept_input> kept_;
};

}  // namespace saker::io
