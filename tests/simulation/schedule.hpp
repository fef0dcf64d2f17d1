#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "system.hpp"

namespace saker::simulation {

/// What is told when its time has come. It lives as long as the schedule.
class timed {
 public:
  virtual void on_time(int what) = 0;

 protected:
  ~timed() = default;
};

/// What will happen, in the order of virtual time; of the same time, in the order it was asked for.
class schedule {
 public:
  void after(nanoseconds delay, timed& target, int what = 0) {
    events_.push({system::instance().now() + delay, count_++, &target, what, {}});
  }
  void after(nanoseconds delay, std::function<void()> function) {
    events_.push({system::instance().now() + delay, count_++, nullptr, 0, std::move(function)});
  }
  bool empty() const noexcept { return events_.empty(); }
  nanoseconds next() const noexcept { return events_.top().time; }
  /// Runs what comes first.
  void run_next() {
    auto due = std::move(const_cast<event&>(events_.top()));
    events_.pop();
    if (due.target) {
      due.target->on_time(due.what);
    } else {
      due.function();
    }
  }

 private:
  struct event {
    nanoseconds time;
    std::uint64_t order;
    timed* target;
    int what;
    std::function<void()> function;
    bool operator<(const event& other) const noexcept {
      return time != other.time ? time > other.time : order > other.order;
    }
  };

  std::priority_queue<event> events_;
  std::uint64_t count_ = 0;
};

}  // namespace saker::simulation
