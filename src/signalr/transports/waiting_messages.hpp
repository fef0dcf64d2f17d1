#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "signalr/transports/shared_message.hpp"
#include "signalr/waiting_bytes.hpp"

namespace saker::signalr {

/// Messages that wait for a client, in order. Taking the first one and dropping the oldest that may
/// be dropped take the same time however many wait.
class waiting_messages {
 public:
  bool is_empty() const noexcept { return first_ == slots_.size(); }

  void push(shared_message message, bool droppable) {
    slots_.push_back({std::move(message), droppable});
    count();
  }
  /// The first one; there must be one.
  shared_message pop() {
    auto message = std::move(slots_[first_++].message);
    tidy();
    return message;
  }
  /// Null: none may be dropped.
  shared_message drop_oldest() {
    for (; candidates_ < slots_.size(); ++candidates_) {
      auto& each = slots_[candidates_];
      if (!each.droppable || !each.message) continue;
      auto message = std::move(each.message);
      ++gone_;
      tidy();
      return message;
    }
    return nullptr;
  }
  void clear() noexcept {
    slots_ = {};
    first_ = gone_ = candidates_ = 0;
    count();
  }

 private:
  struct slot {
    shared_message message;  ///< Null: gone.
    bool droppable;
  };

  void tidy() {
    for (; !is_empty() && !slots_[first_].message; ++first_) --gone_;
    if (first_ + gone_ <= slots_.size() / 2) return;
    std::erase_if(slots_, [](const slot& each) { return !each.message; });
    first_ = gone_ = candidates_ = 0;
    count();
  }
  void count() noexcept { counted_.set(slots_.size() * sizeof(slot)); }

  std::vector<slot> slots_;
  waiting_bytes counted_;
  std::size_t first_ = 0;       ///< How many at its front are gone.
  std::size_t gone_ = 0;        ///< How many behind those.
  std::size_t candidates_ = 0;  ///< None before this one may be dropped.
};

}  // namespace saker::signalr
