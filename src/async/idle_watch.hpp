#pragma once

#include <functional>
#include <utility>

namespace saker::async {

/// Tells somebody when a loop becomes idle, and when it is busy again.
class idle_watch {
 public:
  void set(std::function<void(bool idle)> listener) { listener_ = std::move(listener); }
  bool is_set() const noexcept { return listener_ != nullptr; }
  void note(bool idle) {
    if (idle == was_idle_) return;
    was_idle_ = idle;
    listener_(idle);
  }

 private:
  std::function<void(bool idle)> listener_;
  bool was_idle_ = false;
};

}  // namespace saker::async
