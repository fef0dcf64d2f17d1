#pragma once

#include <cstddef>

namespace saker::signalr {

/// Counts what the calls of one client take: slots of those that may run at the same time, memory
/// beside those, and the items that wait for the methods. Thread rule: the connection's loop.
class call_budget {
 public:
  explicit call_budget(std::size_t slots) noexcept : free_slots_(slots) {}

  bool has_slot() const noexcept { return free_slots_ != 0; }
  void take_slot() noexcept { --free_slots_; }
  void give_back_slot() noexcept { ++free_slots_; }

  // Calls that take no slot, or no longer.
  bool has_room_beside(std::size_t cost, std::size_t limit) const noexcept {
    return beside_ == 0 || beside_ + cost <= limit;
  }
  void take_beside(std::size_t cost) noexcept { beside_ += cost; }
  void give_back_beside(std::size_t cost) noexcept { beside_ -= cost; }

  std::size_t items() const noexcept { return items_; }
  void take_items(std::size_t bytes) noexcept { items_ += bytes; }
  void give_back_items(std::size_t bytes) noexcept { items_ -= bytes; }

 private:
  std::size_t free_slots_;
  std::size_t beside_ = 0;
  std::size_t items_ = 0;
};

}  // namespace saker::signalr
