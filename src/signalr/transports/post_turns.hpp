#pragma once

#include <list>
#include <utility>

#include <saker/async/completion_source.hpp>
#include <saker/async/task.hpp>

namespace saker::signalr {

/// Lets one POST after the other use a connection's input, in the order in which they have come.
/// Thread rule: the connection's loop.
class post_turns {
 public:
  task<void> take() {
    if (is_taken_) {
      const auto turn = waiting_.emplace_back();
      co_await turn;
    }
    is_taken_ = true;
  }
  void give_back() {
    is_taken_ = !waiting_.empty();
    if (!is_taken_) return;
    // The next one has it before anybody else can take it.
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next.try_set_value();
  }

 private:
  bool is_taken_ = false;
  std::list<completion_source<>> waiting_;
};

}  // namespace saker::signalr
