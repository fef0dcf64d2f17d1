#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace saker::http::v2 {

/// Which streams of a client have been, so that a frame on one that is not open gets the right
/// answer (RFC 9113, sections 5.1 and 5.1.1). No I/O; nghttp2 would forget them all, or keep them
/// all.
///
/// What it holds is bounded: gaps in the numbers of streams, which honest clients do not leave, and
/// the streams that were reset last.
class stream_ids {
 public:
  enum class verdict {
    ignored,       ///< We have reset it; the client may not have known.
    closed,        ///< The client itself has ended it.
    never_opened,  ///< A greater one was opened first.
  };

  explicit stream_ids(std::size_t most_at_a_time) : most_reset_(most_kept(most_at_a_time)) {}

  std::uint32_t highest() const noexcept { return highest_; }

  /// The client has begun to open a stream, greater than all others.
  void open(std::uint32_t id) {
    if (id > highest_ + 2 || (highest_ == 0 && id > 1)) {
      if (gaps_.size() >= most_gaps) gaps_.erase(gaps_.begin());
      gaps_.push_back({highest_, id});
    }
    highest_ = id;
  }

  /// We have reset it. `second` is any clock that counts seconds.
  void note_reset(std::uint32_t id, std::uint64_t second) {
    forget_old(second);
    // A client that has not seen this reset counts the stream among those that it may have open.
    if (reset_.size() >= most_reset_) reset_.erase(reset_.begin());
    reset_.push_back({id, second});
  }

  /// Of a stream that is not open, up to the highest.
  verdict judge(std::uint32_t id, std::uint64_t second) {
    forget_old(second);
    const auto is_this = [&](const reset_stream& each) { return each.id == id; };
    if (std::any_of(reset_.begin(), reset_.end(), is_this)) return verdict::ignored;
    const auto has_it = [&](const gap& each) { return each.after < id && id < each.before; };
    return std::any_of(gaps_.begin(), gaps_.end(), has_it) ? verdict::never_opened
                                                           : verdict::closed;
  }

 private:
  struct gap {
    std::uint32_t after;
    std::uint32_t before;
  };
  struct reset_stream {
    std::uint32_t id;
    std::uint64_t second;
  };

  static constexpr std::size_t most_gaps = 16;
  /// How long a client may need to learn of a reset.
  static constexpr std::uint64_t patience = 60;

  static constexpr std::size_t most_kept(std::size_t at_a_time) noexcept {
    return std::clamp<std::size_t>(2 * at_a_time, 100, 1000);
  }

  void forget_old(std::uint64_t second) {
    if (reset_.empty() || reset_.front().second + patience >= second) return;
    const auto is_new = [&](const reset_stream& each) { return each.second + patience >= second; };
    reset_.erase(reset_.begin(), std::find_if(reset_.begin(), reset_.end(), is_new));
    if (reset_.empty()) reset_ = {};
  }

  std::uint32_t highest_ = 0;
  std::size_t most_reset_;
  std::vector<gap> gaps_;
  std::vector<reset_stream> reset_;  ///< In the order of time.
};

}  // namespace saker::http::v2
