#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "redis/publication.hpp"

namespace saker {
class event_loop;
}

namespace saker::redis {

/// What other threads have for the bus's thread: messages, and that there is something to look at.
///
/// Owner: the bus. Thread rule: any thread.
class mailbox {
 public:
  /// Calls back on the loop.
  mailbox(event_loop& loop, std::function<void()> on_mail)
      : loop_(loop), on_mail_(std::move(on_mail)) {}
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;

  /// Takes the message, for the next time that the loop is called back; returns false, and leaves
  /// it, when the mailbox is closed.
  bool add(publication& what);
  /// Has the loop called back, once for what a turn of the calling loop asks.
  void notify();
  std::vector<publication> take();
  /// Takes what there is; nothing comes any more.
  std::vector<publication> close();

 private:
  enum class state : std::uint8_t { idle, notified, closed };
  struct wakeup;

  void wake();

  event_loop& loop_;
  const std::function<void()> on_mail_;
  std::mutex mutex_;
  state state_ = state::idle;
  std::vector<publication> publications_;
};

}  // namespace saker::redis
