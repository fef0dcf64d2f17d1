#pragma once

#include <utility>

#include <saker/async/task.hpp>

namespace saker::async {

using task_listener = detail::task_listener;

/// A task that nobody awaits: it is owned, started, and reports its end to a listener.
class root_task {
 public:
  root_task() noexcept = default;
  explicit root_task(task<void> work) noexcept : work_(std::move(work)) {}

  /// Runs until the first suspension. The root_task must already be where it stays.
  void start(task_listener& listener) {
    if (!work_) {
      listener.on_task_done(nullptr);
      return;
    }
    work_.handle_.promise().listener = &listener;
    work_.handle_.resume();
  }
  void destroy() noexcept { work_ = {}; }

  /// Tells the listener when a task that somebody awaits has failed.
  static void watch(const task<void>& work, task_listener& listener) noexcept {
    if (work) work.handle_.promise().listener = &listener;
  }
  static bool is_watched_by(const task<void>& work, const task_listener& listener) noexcept {
    return work && work.handle_.promise().listener == &listener;
  }

 private:
  task<void> work_;
};

}  // namespace saker::async
