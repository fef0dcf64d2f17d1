#pragma once

#include <cstddef>

#include "io/byte_stream.hpp"

namespace saker::io {

/// A handler's wish to be told once when less is queued (`byte_stream::notify_drained`).
class drain_notice {
 public:
  void ask(std::size_t below) noexcept { below_ = below; }
  void forget() noexcept { below_ = 0; }
  bool is_asked() const noexcept { return below_ != 0; }
  std::size_t below() const noexcept { return below_; }
  bool is_due(std::size_t queued) const noexcept { return queued < below_; }
  void deliver(stream_handler& to) {
    forget();
    to.on_drained();
  }

 private:
  std::size_t below_ = 0;
};

}  // namespace saker::io
