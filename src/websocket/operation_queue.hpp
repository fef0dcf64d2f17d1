#pragma once

#include <utility>

#include <saker/websocket/websocket.hpp>

namespace saker::websockets {

/// Operations in the order in which they came, linked through themselves.
///
/// Owner: the connection. An operation that is destroyed while it waits must be erased.
class operation_queue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  operation& front() noexcept { return *first_; }

  void push(operation& item) noexcept {
    item.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &item;
    last_ = &item;
  }
  operation& pop() noexcept {
    auto& item = *first_;
    first_ = item.next_;
    if (!first_) last_ = nullptr;
    return item;
  }
  void erase(const operation& item) noexcept {
    operation* before = nullptr;
    auto* each = first_;
    while (each && each != &item) before = std::exchange(each, each->next_);
    if (!each) return;
    (before ? before->next_ : first_) = each->next_;
    if (last_ == each) last_ = before;
  }

 private:
  operation* first_ = nullptr;
  operation* last_ = nullptr;
};

}  // namespace saker::websockets
