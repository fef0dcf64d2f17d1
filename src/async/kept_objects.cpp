#include "async/kept_objects.hpp"

namespace saker::async {

void kept_objects::drop(disposable& object) {
  const auto index = std::exchange(object.kept_at_, disposable::not_kept);
  if (index == disposable::not_kept) return;
  retired_.push_back(std::move(kept_[index]));
  if (index + 1 != kept_.size()) {
    kept_[index] = std::move(kept_.back());
    kept_[index]->kept_at_ = index;
  }
  kept_.pop_back();
}

void kept_objects::clear() {
  while (!kept_.empty() || !retired_.empty()) {
    auto kept = std::exchange(kept_, {});
    for (auto& each : kept) each->kept_at_ = disposable::not_kept;
    auto retired = std::exchange(retired_, {});
  }
}

}  // namespace saker::async
