#include <memory>
#include <string>
#include <utility>

#include "async/deadline.hpp"
#include "async/resume_on.hpp"
#include "signalr/transports/answers.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/transports/connection_endpoint.hpp"

namespace saker::signalr {
namespace {

/// What a poll is answered with.
struct poll_result {
  int status = 200;
  bool is_data = false;
  std::string body;
};

/// Ends the wait of a poll after its time, or when its client has gone.
class poll_limit {
 public:
  poll_limit(std::shared_ptr<connection> on, std::chrono::milliseconds time)
      : on_(std::move(on)), timer_(&poll_limit::on_time, this) {
    timer_.set(on_->loop().state().deadlines(), time);
  }
  ~poll_limit() { *alive_ = false; }
  poll_limit(const poll_limit&) = delete;
  poll_limit& operator=(const poll_limit&) = delete;

  bool is_over() const noexcept { return over_; }

  /// To be called on another loop.
  auto canceler() const {
    return [on = on_, alive = alive_] {
      on->loop().post([on, alive] {
        if (*alive) on->output().cancel_wait();
      });
    };
  }

 private:
  static void on_time(void* self) {
    auto& limit = *static_cast<poll_limit*>(self);
    limit.over_ = true;
    limit.on_->output().cancel_wait();
  }

  std::shared_ptr<connection> on_;
  async::deadline timer_;
  bool over_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Waits for data, on the connection's loop.
task<poll_result> wait_for_data(std::shared_ptr<connection> on, std::stop_token client_gone) {
  poll_result result;
  poll_limit limit(on, on->options().poll_timeout);
  std::stop_callback when_gone(std::move(client_gone), limit.canceler());
  auto waiting = on->output().wait();
  const auto what = co_await waiting;
  if (what == outbox::event::data) {
    constexpr std::size_t portion = 1024 * 1024;
    for (const auto& each : on->output().take(portion)) {
      const auto payload = each->payload();
      result.body.append(reinterpret_cast<const char*>(payload.data()), payload.size());
    }
    result.is_data = true;
  } else if (what == outbox::event::finished) {
    result.status = 204;
    on->on_end_told();
  } else if (!limit.is_over()) {
    result.status = 204;
  }
  co_return result;
}

}  // namespace

task<void> connection_endpoint::serve_poll(http_context& context) {
  forbid_caching(context);
  auto& own = context.loop();
  auto gone = context.request_aborted();
  async::resume_on back(&own);
  refusal failed;
  std::shared_ptr<connection> on;
  try {
    on = require_connection(context);
  } catch (const refusal& why) {
    failed = why;
  }
  if (on) {
    auto claiming = on->claim(transport_type::long_polling, own, context.shared_user());
    failed = refusal_of(co_await claiming, transport_type::long_polling);
  }
  poll_result result;
  if (failed.status == 0 && !on->has_started()) {
    // The first poll only begins the connection, which has moved to this loop.
    on->begin(context);
    on->start_application();
    on->release(true);
    result.is_data = true;
  } else if (failed.status == 0) {
    auto waiting = wait_for_data(on, std::move(gone));
    result = co_await waiting;
    on->release(true);
  }
  co_await back;
  if (failed.status == 0 && result.is_data) {
    auto answering = context.response().send(result.body, "application/octet-stream");
    co_await answering;
    co_return;
  }
  const int status = failed.status != 0 ? failed.status : result.status;
  auto answering = answer_text(context, status, failed.text);
  co_await answering;
}

}  // namespace saker::signalr
