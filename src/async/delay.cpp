#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <stdexcept>
#include <system_error>

#include <saker/async/asio.hpp>
#include <saker/async/event_loop.hpp>

namespace saker {
namespace {

/// Holds what the timer's completion needs, so that the coroutine may be destroyed while waiting.
struct delay_state {
  std::coroutine_handle<> waiting;
};

class delay_awaiter {
 public:
  delay_awaiter(event_loop& loop, std::chrono::nanoseconds duration)
      : timer_(loop.context(), duration), state_(std::make_shared<delay_state>()) {}
  ~delay_awaiter() { state_->waiting = {}; }
  delay_awaiter(const delay_awaiter&) = delete;
  delay_awaiter& operator=(const delay_awaiter&) = delete;

  void cancel() { timer_.cancel(); }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    state_->waiting = caller;
    timer_.async_wait([state = state_](const boost::system::error_code&) {
      if (auto waiting = std::exchange(state->waiting, {})) waiting.resume();
    });
  }
  void await_resume() const noexcept {}

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<delay_state> state_;
};

void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) {
    throw std::system_error(std::make_error_code(std::errc::operation_canceled));
  }
}

}  // namespace

task<void> delay(std::chrono::nanoseconds duration, std::stop_token stop) {
  auto* const loop = event_loop::current();
  if (!loop) throw std::logic_error("delay needs an event loop on the calling thread.");
  throw_if_stopped(stop);
  const auto awaiter = std::make_shared<delay_awaiter>(*loop, duration);
  // The stop may come from any thread and after the wait has ended: it goes through the loop.
  std::stop_callback on_stop(stop, [loop, weak = std::weak_ptr(awaiter)] {
    loop->post([weak] {
      if (auto alive = weak.lock()) alive->cancel();
    });
  });
  auto& wait = *awaiter;  // g++ 12 copies what a dereference in co_await gives
  co_await wait;
  throw_if_stopped(stop);
}

}  // namespace saker
