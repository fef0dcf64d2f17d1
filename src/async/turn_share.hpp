#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "async/loop_state.hpp"

namespace saker::async {

/// What a connection may do before others have their turn, counted in bytes, where each small thing
/// costs more than its own: a read may bring thousands of them, and what waits to be read more.
/// Whoever has used it up stops, and goes on in a later turn, when it is renewed.
class turn_share {
 public:
  static constexpr std::size_t message = 64;  ///< Or a frame of one.
  static constexpr std::size_t request = 1024;

  bool is_used_up() const noexcept { return used_ == most; }
  /// True: that has used it up.
  bool take(const loop_state& loop, std::size_t cost) noexcept {
    if (is_used_up()) return false;
    if (turn_ != loop.turn_number()) used_ = 0;
    turn_ = loop.turn_number();
    used_ = static_cast<std::uint16_t>(std::min(used_ + cost, most));
    return is_used_up();
  }
  void renew() noexcept { used_ = 0; }

  static constexpr std::size_t most = 65'535;

 private:
  std::uint16_t used_ = 0;
  std::uint16_t turn_ = 0;
};

/// The share of one who lives on the loop alone: renewed in the next turn, and its owner called.
///
/// Owner: whose share it is; destroying it takes the call back. Thread rule: the loop's thread.
class renewed_share final : private turn_task {
 public:
  using callback = void (*)(void* owner);

  renewed_share(callback function, void* owner) noexcept : function_(function), owner_(owner) {}

  bool is_used_up() const noexcept { return share_.is_used_up(); }
  void take(loop_state& loop, std::size_t cost) {
    if (!share_.take(loop, cost)) return;
    try {
      loop.at_next_turn(*this);
    } catch (...) {
      share_.renew();  // Without memory others have to wait.
    }
  }

 private:
  void on_turn_end() override {
    share_.renew();
    function_(owner_);
  }

  callback function_;
  void* owner_;
  turn_share share_;
};

}  // namespace saker::async
