#pragma once

#include <cstddef>
#include <cstdint>

namespace saker::simulation {

/// Where all choices come from (splitmix64). Each part of a world draws from its own, so that what
/// is left out of a world changes nothing for the others.
class random {
 public:
  explicit random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    auto z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// 0..count-1.
  std::size_t below(std::size_t count) noexcept { return count < 2 ? 0 : next() % count; }
  std::int64_t between(std::int64_t least, std::int64_t most) noexcept {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool one_in(std::size_t count) noexcept { return below(count) == 0; }
  template <class... Values>
  int one_of(Values... values) noexcept {
    const int all[] = {values...};
    return all[below(sizeof...(values))];
  }
  /// One that draws other values, the same for the same tag.
  random fork(std::uint64_t tag) const noexcept {
    random other(state_ ^ (tag * 0xd6e8feb86659fd93U + 0x632be59bd9b4e019U));
    other.next();
    return other;
  }

 private:
  std::uint64_t state_;
};

}  // namespace saker::simulation
