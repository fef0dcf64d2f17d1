#pragma once

#include <cstddef>

namespace saker::async {

class work_report;

/// An object whose destruction can be left to a loop (loop_state::retire, loop_state::keep).
class disposable {
 public:
  disposable() = default;
  disposable(const disposable&) = delete;
  disposable& operator=(const disposable&) = delete;
  virtual ~disposable() = default;

  /// Tells what of it a stop would wait for, or has cut off.
  virtual void report_work(work_report&) const {}

 private:
  friend class kept_objects;
  static constexpr auto not_kept = static_cast<std::size_t>(-1);
  std::size_t kept_at_ = not_kept;
};

}  // namespace saker::async
