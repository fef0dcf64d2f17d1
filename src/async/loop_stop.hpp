#pragma once

#include <stop_token>

#include "async/intrusive_list.hpp"

namespace saker::async {

/// What must end when the server stops: it is asked once, in order, and may take its time. What
/// joins the list after the stop has begun is asked at the end of that turn.
class stoppable : public list_node<stoppable> {
 public:
  virtual void on_stopping() = 0;

 protected:
  ~stoppable() = default;
};

/// The stop of what lives on a loop: who is asked to end, and how handlers learn of it. Thread
/// rule: the loop's thread.
class loop_stop {
 public:
  intrusive_list<stoppable>& stoppables() noexcept { return stoppables_; }
  bool is_requested() const noexcept { return requested_; }
  std::stop_token token() const noexcept { return source_.get_token(); }

  void request();
  bool has_to_ask() const noexcept { return requested_ && !stoppables_.empty(); }
  /// Asked once, each leaves the list; what is asked may end others.
  void ask() {
    while (has_to_ask()) stoppables_.pop_front().on_stopping();
  }

 private:
  intrusive_list<stoppable> stoppables_;
  std::stop_source source_;
  bool requested_ = false;
};

}  // namespace saker::async
