#include "redis/mailbox.hpp"

#include <utility>

#include <saker/async/event_loop.hpp>

#include "async/loop_state.hpp"

namespace saker::redis {

/// What a turn of a loop publishes is passed on once, at its end: waking the bus's thread for each
/// message was half of what publishing cost.
struct mailbox::wakeup final : async::turn_task {
  mailbox* of = nullptr;
  void on_turn_end() override { std::exchange(of, nullptr)->wake(); }
};

bool mailbox::add(publication& what) {
  const std::scoped_lock lock(mutex_);
  if (state_ == state::closed) return false;
  publications_.push_back(std::move(what));
  return true;
}

void mailbox::notify() {
  auto* const loop = event_loop::current();
  if (!loop || loop == &loop_) {
    wake();
    return;
  }
  auto& waiting = loop->state().local<wakeup>();
  if (waiting.of && waiting.of != this) {
    wake();
    return;
  }
  waiting.of = this;
  loop->state().at_turn_end(waiting);
}

void mailbox::wake() {
  const std::scoped_lock lock(mutex_);
  if (state_ != state::idle) return;
  loop_.post([this] { on_mail_(); });
  state_ = state::notified;
}

std::vector<publication> mailbox::take() {
  const std::scoped_lock lock(mutex_);
  if (state_ == state::notified) state_ = state::idle;
  return std::exchange(publications_, {});
}

std::vector<publication> mailbox::close() {
  const std::scoped_lock lock(mutex_);
  state_ = state::closed;
  return std::exchange(publications_, {});
}

}  // namespace saker::redis
