#include "signalr/backplane/pending_commands.hpp"

#include <limits>
#include <utility>

#include "async/loop_state.hpp"

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
  if (commands_.size() == 1) loop_.post([this] { watch(); });
  return last_id_;
}

void pending_commands::end(std::int32_t id, const command_end& how) {
  std::list<command> ended;
  bool last = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    ended.splice(ended.end(), commands_, found->second);
    by_id_.erase(found);
    last = commands_.empty();
  }
  ended.front().ended.try_set_value(how);
  if (!last) return;
  if (loop_.is_current()) {
    watch();
  } else {
    loop_.post([this] { watch(); });
  }
}

/// Gives up those that are late, and sets the time limit of the next one.
void pending_commands::watch() {
  std::list<command> late;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    while (!commands_.empty() && commands_.front().deadline <= now) {
      by_id_.erase(commands_.front().id);
      late.splice(late.end(), commands_, commands_.begin());
    }
    if (commands_.empty()) {
      limit_.clear();
    } else if (!limit_.is_set()) {
      limit_.set(loop_.state().deadlines(),
                 std::chrono::ceil<std::chrono::milliseconds>(commands_.front().deadline - now));
    }
  }
  for (auto& each : late) each.ended.try_set_value(command_end{});
}

}  // namespace saker::signalr::backplane
