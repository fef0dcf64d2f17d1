#include "signalr/backplane/pending_commands.hpp"

#include <limits>
#include <utility>

#include <saker/async/event_loop.hpp>

namespace saker::signalr::backplane {

std::int32_t pending_commands::begin(completion_source<command_end> ended) {
  const std::scoped_lock lock(mutex_);
  if (commands_.size() >= most) {
    ended.try_set_value(command_end{false, "Too many changes of groups wait for other servers."});
    return 0;
  }
  // The number of another server may be any; this one's come round again.
  last_id_ = last_id_ == std::numeric_limits<std::int32_t>::max() ? 1 : last_id_ + 1;
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  by_id_[last_id_] = commands_.insert(commands_.end(), {last_id_, deadline, std::move(ended)});
  if (!are_watched_) spawn(loop_, watch());
  are_watched_ = true;
  return last_id_;
}

void pending_commands::end(std::int32_t id, const command_end& how) {
  std::list<command> ended;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    ended.splice(ended.end(), commands_, found->second);
    by_id_.erase(found);
  }
  ended.front().ended.try_set_value(how);
}

/// One for all that wait, however many are acknowledged meanwhile.
task<void> pending_commands::watch() {
  try {
    for (;;) {
      const auto pause = give_up_late();
      if (pause == pause.zero()) co_return;
      auto waiting = delay(pause);
      co_await waiting;
    }
  } catch (...) {
    // The next one begins anew.
    const std::scoped_lock lock(mutex_);
    are_watched_ = false;
    throw;
  }
}

/// Returns the time until the next one is late; 0: none waits.
std::chrono::nanoseconds pending_commands::give_up_late() {
  std::list<command> late;
  std::chrono::nanoseconds pause{};
  {
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    while (!commands_.empty() && commands_.front().deadline <= now) {
      by_id_.erase(commands_.front().id);
      late.splice(late.end(), commands_, commands_.begin());
    }
    are_watched_ = !commands_.empty();
    if (are_watched_) pause = commands_.front().deadline - now;
  }
  for (auto& each : late) each.ended.try_set_value(command_end{});
  return pause;
}

}  // namespace saker::signalr::backplane
