#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "async/disposable.hpp"

namespace saker::async {

/// Objects that a loop owns for others: until they are dropped, or only until the end of a turn.
/// Thread rule: the loop's thread.
class kept_objects {
 public:
  std::size_t size() const noexcept { return kept_.size(); }
  const std::vector<std::unique_ptr<disposable>>& all() const noexcept { return kept_; }

  void keep(std::unique_ptr<disposable> object) {
    object->kept_at_ = kept_.size();
    kept_.push_back(std::move(object));
  }
  /// Retires an object that is kept; does nothing with another.
  void drop(disposable& object);
  void retire(std::unique_ptr<disposable> object) { retired_.push_back(std::move(object)); }

  bool has_retired() const noexcept { return !retired_.empty(); }
  void destroy_retired() {
    if (retired_.empty()) return;
    retired_.swap(retiring_);
    retiring_.clear();
  }
  /// Destroys all, and what their destruction leaves here.
  void clear();

 private:
  std::vector<std::unique_ptr<disposable>> kept_;
  std::vector<std::unique_ptr<disposable>> retired_;
  std::vector<std::unique_ptr<disposable>> retiring_;  ///< Being destroyed; kept for its memory.
};

}  // namespace saker::async
