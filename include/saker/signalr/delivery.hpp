#pragma once

#include <utility>

#include <saker/core/task.hpp>

namespace saker::signalr {

/// What sending gives. The message is on its way when the call returns; nothing needs to be
/// awaited, and it can be called from ordinary functions and threads.
///
/// `co_await` it to be no faster than the clients: it goes on when they have room again, as
/// `overflow_policy` says. What is not awaited queues, up to `send_buffer_limit` for each client.
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
