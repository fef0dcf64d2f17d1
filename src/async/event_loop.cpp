#include <saker/async/event_loop.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/async/sync_wait.hpp>

#include "async/loop_state.hpp"

namespace saker {

event_loop::event_loop() : state_(std::make_unique<async::loop_state>(*this)) {}
event_loop::~event_loop() = default;

void event_loop::run() { state_->run(); }
void event_loop::stop() noexcept { state_->stop(); }
void event_loop::post(std::function<void()> function) { state_->post({}, std::move(function)); }
void event_loop::resume(std::coroutine_handle<> coroutine) { state_->post(coroutine, {}); }
void event_loop::withdraw(std::coroutine_handle<> coroutine) noexcept {
  state_->withdraw(coroutine);
}
boost::asio::io_context& event_loop::context() noexcept { return state_->context(); }

void spawn(event_loop& loop, task<void> work) {
  auto shared = std::make_shared<task<void>>(std::move(work));
  loop.post([&loop, shared] { loop.state().start(std::move(*shared)); });
}

void detail::require_no_current_loop() {
  if (event_loop::current()) {
    throw std::logic_error(
        "sync_wait would block the event loop of this thread: co_await instead.");
  }
}

}  // namespace saker
