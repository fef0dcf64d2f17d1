#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "async/intrusive_list.hpp"

namespace boost::asio {
class io_context;
}

namespace saker::async {

class deadline_wheel;

/// A coarse time limit (a tenth of a second) of which a loop can hold many thousands: setting and
/// clearing one costs a few instructions and no allocation.
///
/// Owner: the object that it limits; destroying it clears it. Thread rule: the loop's thread.
class deadline : private list_node<deadline> {
 public:
  using callback = void (*)(void* owner);

  deadline(callback function, void* owner) noexcept : function_(function), owner_(owner) {}
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  ~deadline() { clear(); }

  /// Calls back once, not earlier than after that time, counted from when the turn of the loop
  /// first asked for the time; replaces what was set before.
  void set(deadline_wheel& wheel, std::chrono::milliseconds after);
  void clear() noexcept;
  bool is_set() const noexcept { return wheel_ != nullptr; }

 private:
  friend class deadline_wheel;
  friend class intrusive_list<deadline>;

  callback function_;
  void* owner_;
  deadline_wheel* wheel_ = nullptr;
  std::uint64_t due_ = 0;
};

/// A hashed timing wheel on one Asio timer, which only runs while a deadline is set.
class deadline_wheel {
 public:
  static constexpr std::chrono::milliseconds tick{100};
  static constexpr std::uint64_t ticks(std::chrono::milliseconds time) noexcept {
    return static_cast<std::uint64_t>(time / tick);
  }

  explicit deadline_wheel(boost::asio::io_context& context);
  ~deadline_wheel();
  deadline_wheel(const deadline_wheel&) = delete;
  deadline_wheel& operator=(const deadline_wheel&) = delete;

  /// Ticks since the wheel was made, as of its last turn: costs no system call while a deadline is
  /// set. The first is 1, so that 0 can mean that something has never been.
  std::uint64_t coarse_now() noexcept {
    if (count_ == 0) advanced_to_ = now();
    return advanced_to_;
  }
  /// The same without what turns have taken beyond a second: for the silence of peers, who were not
  /// read meanwhile.
  std::uint64_t turning_now() noexcept { return coarse_now() - stood_still_; }
  /// The clock is read once for each turn of the loop, which says here that one is over.
  void end_turn() noexcept { now_is_known_ = false; }

 private:
  friend class deadline;
  struct timer;
  static constexpr std::size_t slot_count = 512;
  static constexpr std::uint64_t longest_turn = 10;

  void insert(deadline& entry, std::chrono::milliseconds after);
  void erase(deadline& entry) noexcept;
  std::uint64_t now() noexcept;
  void arm();
  void advance();
  void expire(intrusive_list<deadline>& slot);

  std::array<intrusive_list<deadline>, slot_count> slots_;
  std::size_t count_ = 0;
  std::uint64_t advanced_to_ = 0;
  std::uint64_t stood_still_ = 0;
  std::uint64_t now_ = 0;
  bool now_is_known_ = false;
  std::chrono::steady_clock::time_point start_;
  std::unique_ptr<timer> timer_;
};

}  // namespace saker::async
