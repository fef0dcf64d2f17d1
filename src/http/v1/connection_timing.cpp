#include <algorithm>
#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/work.hpp"
#include "http/v1/connection.hpp"
#include "observe/log.hpp"

// Limits in time, and the end of the server.

namespace saker::http::v1 {

connection::timing::timing(connection& owner)
    : async::deadline([](void* of) { static_cast<connection*>(of)->on_deadline(); }, &owner),
      share([](void* of) { static_cast<connection*>(of)->read_on(); }, &owner) {}

void connection::on_stopping() {
  stopping_ = true;
  keep_alive_ = false;
  if (!timing_) return;
  if (phase_ == phase::processing) {
    if (head_request_ && peer_ended_) {
      // Its handler goes on for nobody.
      timing_->set(loop_.state().deadlines(), http::stopping_limit);
    } else if (timing_->is_set()) {
      // What the client has bought before counts no more.
      timing_->set(loop_.state().deadlines(), async::deadline_wheel::tick);
    }
    return;
  }
  if (phase_ == phase::draining || !reader_->has_begun()) {
    close();
  } else {
    timing_->set(loop_.state().deadlines(),
                 std::min<std::chrono::milliseconds>(options_.limits.request_headers_timeout,
                                                     http::stopping_limit));
  }
}

void connection::report_work(async::work_report& to) const {
  if (phase_ == phase::processing && context_) {
    http::report_request(*context_, upgraded_.get(), to);
  }
}

void connection::on_deadline() {
  switch (phase_) {
    case phase::head:
      if (reader_->has_begun()) {
        refuse({408, "Reading the request headers timed out."}, true);
      } else {
        on_idle();
      }
      break;
    case phase::processing:
      if (head_request_ && drain_waiter_) {
        on_head_wait();
      } else {
        check_rates();
      }
      break;
    case phase::draining: close(); break;
  }
}

/// The client has its answer to HEAD long since; the handler that goes on writing it may do so for
/// the grace period that slow clients have.
void connection::on_head_wait() {
  const auto waited = ++timing_->head_waits * async::deadline_wheel::tick;
  if (waited > options_.limits.min_data_rate_grace_period || (peer_ended_ && stopping_)) {
    lost(std::make_error_code(std::errc::connection_reset));
  } else {
    wake_writer();
  }
}

/// Between two requests. While the client takes what it is owed the next one may wait; what the
/// system has taken for it costs nothing more, and the client may leave it there.
void connection::on_idle() {
  if (watch_client()) {
    if (response_is_slow()) lost_to_slowness();
  } else if (timing_->idle_rest > std::chrono::milliseconds(0)) {
    timing_->set(loop_.state().deadlines(),
                 std::exchange(timing_->idle_rest, std::chrono::milliseconds(0)));
  } else {
    close();
  }
}

void connection::lost_to_slowness() {
  observe::log(observe::log_level::debug, "A client takes its response too slowly.");
  lost(http::slow_client_error());
}

void connection::check_rates() {
  if (!stream_) return;
  if (response_is_slow()) {
    lost_to_slowness();
    return;
  }
  if (head_request_ && peer_ended_ && context_ && context_->response().has_started()) {
    lost(std::make_error_code(std::errc::connection_reset));
    return;
  }
  if (body_is_slow()) {
    keep_alive_ = false;
    body_->fail({408, http_category()});
    return;
  }
  if (expects_body() || drain_waiter_ || timing_->response || (head_request_ && peer_ended_)) {
    timing_->set(loop_.state().deadlines(), http::rate_check_interval);
  }
}

/// While nobody waits for more, it is not the client that is slow.
bool connection::body_is_slow() {
  const auto& limits = options_.limits;
  if (phase_ != phase::processing || !expects_body()) return false;
  if (!body_->is_awaited()) {
    timing_->body.begin(timing_->body_bytes);
    return false;
  }
  return timing_->body.is_slow(timing_->body_bytes, limits.min_request_body_data_rate, limits,
                               stopping_);
}

bool connection::response_is_slow() {
  using rest = io::delivery::rest;
  const auto& limits = options_.limits;
  auto& since = timing_->response;
  timing_->looked_at = loop_.state().deadlines().coarse_now();
  if (!stream_ || limits.min_response_data_rate == 0) return false;
  const auto [taken, left] = stream_->delivered();
  if (left == rest::none) since.reset();
  if (left != rest::waiting) return false;
  if (!since) since.emplace().begin(taken);
  return since->is_slow(taken, limits.min_response_data_rate, limits, stopping_);
}

/// Requests that follow each other leave no time for the deadline.
bool connection::is_time_to_look() const {
  const auto interval = http::rate_check_interval / async::deadline_wheel::tick;
  return loop_.state().deadlines().coarse_now() >=
         timing_->looked_at + static_cast<std::uint64_t>(interval);
}

}  // namespace saker::http::v1
