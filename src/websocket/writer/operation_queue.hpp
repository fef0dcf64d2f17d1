#pragma once

#include <utility>

#include <saker/websocket/websocket.hpp>

namespace saker::websockets {

/// Operations in the order in which they came, linked through themselves.
///
/// Owner: the connection. An operation that is destroyed while it waits must be erased.
class operation_queue {
 public:
  bool empty() const noexcept { return last_ == nullptr; }
  operation& front() noexcept { return *last_->next_; }

  void push(operation& item) noexcept {
    item.next_ = last_ ? std::exchange(last_->next_, &item) : &item;
    last_ = &item;
  }
  operation& pop() noexcept {
    auto& item = front();
    erase_behind(*last_);
    return item;
  }
  void erase(const operation& item) noexcept {
    if (!last_) return;
    auto* before = last_;
    do {
      if (before->next_ == &item) {
        erase_behind(*before);
        return;
      }
      before = before->next_;
    } while (before != last_);
  }

 private:
  void erase_behind(operation& before) noexcept {
    auto* const item = before.next_;
    before.next_ = item->next_;
    if (item == last_) last_ = item == &before ? nullptr : &before;
  }

  operation* last_ = nullptr;  ///< Which the first one follows, so that there is one pointer.
};

}  // namespace saker::websockets
