#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace saker::fuzz {

/// An invariant: what breaks it is a crash for the fuzzer and for the replay.
inline void require(bool holds, const char* text) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: broken invariant: %s\n", text);
  std::abort();
}

/// The replay's choice of pieces, in the place of the input's: every one of that size; 0: none.
inline std::size_t forced_piece = 0;

/// The sizes of the pieces in which data arrives, as the fuzzer chooses them: in turn, over again.
class splitter {
 public:
  splitter() = default;
  explicit splitter(std::span<const std::byte> sizes) : sizes_(sizes.begin(), sizes.end()) {}

  /// Small sizes exactly, large ones in steps. Without sizes everything comes at once.
  std::size_t next(std::size_t left) {
    if (forced_piece != 0) return std::min(left, forced_piece);
    if (sizes_.empty()) return left;
    const auto chosen = std::to_integer<std::size_t>(sizes_[index_++ % sizes_.size()]);
    return std::min(left, chosen < 128 ? chosen + 1 : (chosen - 127) * 64);
  }

 private:
  std::vector<std::byte> sizes_;
  std::size_t index_ = 0;
};

/// Takes an input apart: first the choices, then the data.
class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}

  /// 0 when there is nothing left.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  std::span<const std::byte> bytes(std::size_t most) {
    const auto taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// One byte says how many sizes follow: 0 to 7.
  splitter splits() { return splitter(bytes(byte() & 7U)); }
  std::span<const std::byte> rest() const { return rest_; }

 private:
  std::span<const std::byte> rest_;
};

/// Shows data to a consumer as a byte stream does: pieces arrive, what is left is shown again in
/// front of the next. The consumer says what it has used, or `ended`.
inline constexpr std::size_t ended = static_cast<std::size_t>(-1);

template <class Consumer>
void feed(std::span<const std::byte> data, splitter splits, Consumer&& consume) {
  std::size_t begin = 0;
  for (std::size_t end = 0; end < data.size();) {
    end += splits.next(data.size() - end);
    // A copy of the right size, so that the sanitizer sees what is read beyond it.
    const std::vector<std::byte> shown(data.begin() + static_cast<std::ptrdiff_t>(begin),
                                       data.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t used = consume(std::span<const std::byte>(shown));
    if (used == ended) return;
    require(used <= shown.size(), "more used than given");
    begin += used;
  }
}

}  // namespace saker::fuzz
