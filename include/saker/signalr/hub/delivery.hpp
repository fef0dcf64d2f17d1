#pragma once

#include <utility>

#include <saker/async/task.hpp>

namespace saker::signalr {

/// Awaits, if asked to, the room for what a send has queued. The message is on its way when the
/// call returns; awaiting the result is optional, so ordinary functions and threads can send.
///
/// `co_await` it to send no faster than the clients receive: it completes when they can take more,
/// as `overflow_policy` defines. Sends that are not awaited queue, up to `send_buffer_limit` for
/// each client.
///
/// With a backplane (redis_backplane_options), awaiting waits until Redis has the message, and
/// throws a named_error `RedisConnectionException` if Redis does not confirm it. This does not
/// apply to sends to clients of this server alone, nor with `deliver_locally_first`.
///
/// Example:
/// ```cpp
/// struct prices_hub : signalr::hub {
///   task<void> replay(int count) {
///     for (int i = 0; i < count; ++i) co_await clients().caller().send("Price", i);
///     clients().all().send("Replayed", count);  // does not wait
///   }
/// };
/// ```
class delivery {
 public:
  delivery() noexcept = default;
  explicit delivery(task<void> waiting) noexcept : waiting_(std::move(waiting)) {}

  auto operator co_await() const noexcept { return waiting_.operator co_await(); }

 private:
  task<void> waiting_;
};

}  // namespace saker::signalr
