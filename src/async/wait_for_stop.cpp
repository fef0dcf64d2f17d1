#include <system_error>
#include <utility>

#include <saker/async/event_loop.hpp>

namespace saker {

task<bool> wait_for_stop(std::stop_token stop, std::chrono::nanoseconds at_most) {
  try {
    auto waiting = delay(at_most, std::move(stop));
    co_await waiting;
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::operation_canceled) throw;
    co_return true;
  }
  co_return false;
}

}  // namespace saker
