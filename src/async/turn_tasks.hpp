#pragma once

#include <cstdint>

#include "async/intrusive_list.hpp"

namespace saker::async {

/// Something to do once before the loop looks for new events: resume, flush.
class turn_task : public list_node<turn_task> {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~turn_task() = default;
};

/// What a loop has to do before it looks for new events. Thread rule: the loop's thread.
class turn_tasks {
 public:
  /// Differs from turn to turn.
  std::uint16_t turn_number() const noexcept { return turn_number_; }
  void count_turn() noexcept { ++turn_number_; }

  bool empty() const noexcept { return resumptions_.empty() && tasks_.empty(); }
  void add(turn_task& task) noexcept { tasks_.push_back(task); }
  void add_resumption(turn_task& task) noexcept { resumptions_.push_back(task); }
  /// Until none is left; resumptions come first.
  void run() {
    for (;;) {
      if (!resumptions_.empty()) {
        resumptions_.pop_front().on_turn_end();
      } else if (!tasks_.empty()) {
        tasks_.pop_front().on_turn_end();
      } else {
        return;
      }
    }
  }

  bool has_later() const noexcept { return !later_.empty(); }
  void add_later(turn_task& task) noexcept { later_.push_back(task); }
  /// Adds what has waited for another turn.
  void add_what_was_later() noexcept {
    while (!later_.empty()) tasks_.push_back(later_.pop_front());
  }

 private:
  intrusive_list<turn_task> resumptions_;
  intrusive_list<turn_task> tasks_;
  intrusive_list<turn_task> later_;
  std::uint16_t turn_number_ = 0;
};

}  // namespace saker::async
