#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "io/output_queue.hpp"

namespace saker::http::v2 {

/// What a stream has to send, and what nghttp2 has been told of it: of data only as long as there
/// are some, so that a stream that waits holds less.
class stream_output {
 public:
  explicit stream_output(io::chunk_pool& pool) noexcept : queue_(pool) {}

  io::output_queue& queue() noexcept { return queue_; }
  std::size_t size() const noexcept { return queue_.size(); }
  bool empty() const noexcept { return queue_.empty(); }

  /// More may be appended.
  bool is_open() const noexcept { return end_ == end::open; }
  void append(std::span<const std::byte> data) { queue_.append(data); }
  /// False: that was so already.
  bool finish() noexcept {
    if (!is_open()) return false;
    end_ = end::due;
    return true;
  }
  bool is_end_sent() const noexcept { return end_ == end::sent; }
  void note_end_sent() noexcept { end_ = end::sent; }

  /// Whether nghttp2 is to be told, which knows it then.
  bool submit() noexcept {
    if (told_ != told::nothing) return false;
    told_ = told::data;
    return true;
  }
  /// nghttp2 asks for the next frame.
  std::size_t promise(std::size_t most) noexcept {
    const auto size = std::min(most, queue_.size());
    promised_ = static_cast<std::uint32_t>(size);
    if (size == queue_.size()) told_ = told::end;
    return size;
  }
  bool promises_all() const noexcept { return told_ == told::end; }
  void keep_promise() noexcept { promised_ = 0; }
  /// The frame has been sent. False: nghttp2 goes on asking.
  bool end_submission() noexcept {
    if (told_ != told::end) return false;
    told_ = told::nothing;
    return true;
  }

  /// What nghttp2 has been told of goes before a reset: its frame may have found no room yet.
  void forget(bool closed) noexcept {
    if (closed || promised_ == 0) queue_.clear();
  }

 private:
  enum class end : std::uint8_t { open, due, sent };
  enum class told : std::uint8_t { nothing, data, end };

  io::output_queue queue_;
  std::uint32_t promised_ = 0;  ///< Bytes, for one frame.
  end end_ = end::open;
  told told_ = told::nothing;
};

}  // namespace saker::http::v2
