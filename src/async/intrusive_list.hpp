#pragma once

#include <utility>

namespace saker::async {

template <class T>
class intrusive_list;

/// A place in an intrusive_list; leaving scope leaves the list.
template <class T>
class list_node {
 public:
  list_node() = default;
  list_node(const list_node&) = delete;
  list_node& operator=(const list_node&) = delete;
  ~list_node() { unlink(); }

  bool is_linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (!next_) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
  }

 private:
  friend class intrusive_list<T>;
  list_node* previous_ = nullptr;
  list_node* next_ = nullptr;
};

/// A first-in first-out list of objects that it does not own; an object is in it at most once.
template <class T>
class intrusive_list {
 public:
  intrusive_list() noexcept { head_.previous_ = head_.next_ = &head_; }
  intrusive_list(const intrusive_list&) = delete;
  intrusive_list& operator=(const intrusive_list&) = delete;
  ~intrusive_list() {
    while (!empty()) pop_front();
    head_.previous_ = head_.next_ = nullptr;
  }

  bool empty() const noexcept { return head_.next_ == &head_; }
  T& front() noexcept { return *static_cast<T*>(head_.next_); }
  /// The function must not change the list.
  template <class Function>
  void for_each(Function&& function) const {
    for (const auto* node = head_.next_; node != &head_; node = node->next_) {
      function(*static_cast<const T*>(node));
    }
  }
  template <class Function>
  void for_each(Function&& function) {
    std::as_const(*this).for_each([&](const T& item) { function(const_cast<T&>(item)); });
  }
  void push_back(T& item) noexcept {
    list_node<T>& node = item;
    if (node.is_linked()) return;
    node.previous_ = head_.previous_;
    node.next_ = &head_;
    head_.previous_->next_ = &node;
    head_.previous_ = &node;
  }
  T& pop_front() noexcept {
    T& item = front();
    item.list_node<T>::unlink();
    return item;
  }

 private:
  list_node<T> head_;
};

}  // namespace saker::async
