#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace saker::simulation {

/// Bytes on their way, first in, first out.
class byte_queue {
 public:
  std::size_t size() const noexcept { return bytes_.size() - begin_; }
  bool empty() const noexcept { return size() == 0; }
  std::string_view view() const noexcept { return std::string_view(bytes_).substr(begin_); }
  void append(std::string_view text) { bytes_.append(text); }
  void drop(std::size_t count) {
    begin_ += count;
    if (begin_ == bytes_.size()) {
      bytes_.clear();
      begin_ = 0;
    } else if (begin_ > 65536 && begin_ * 2 > bytes_.size()) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
  }
  std::string take(std::size_t most) {
    std::string piece(view().substr(0, most));
    drop(piece.size());
    return piece;
  }
  void clear() noexcept {
    bytes_ = {};
    begin_ = 0;
  }
  std::size_t capacity() const noexcept { return bytes_.capacity(); }

 private:
  std::string bytes_;
  std::size_t begin_ = 0;
};

}  // namespace saker::simulation
