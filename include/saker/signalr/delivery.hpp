#pragma once

#include <utility>

#include <saker/core/task.hpp>

namespace saker::signalr {

/// What sending gives. The message is on its way when the call returns; nothing needs to be
/// awaited, and it can be called from ordinary functions and threads.
///
/// `co_await` it to be slowed down with the overflow policy `wait`: it goes on when every recipient
/// has room again. With the other policies awaiting never waits.
///
/// With a backplane (redis_backplane_options) awaiting waits until Redis has the message, and
/// throws a named_error `RedisConnectionException` when that is not confirmed; not so for what goes
/// to clients of this server alone, and with `deliver_locally_first`.
class delivery {
 public:
  delivery() noexcept = default;
  explicit delivery(task<void> waiting) noexcept : waiting_(std::move(waiting)) {}

  auto operator co_await() const noexcept { return waiting_.operator co_await(); }

 private:
  task<void> waiting_;
};

}  // namespace saker::signalr
