#include <algorithm>
#include <utility>

#include "http/v1/connection.hpp"
#include "observe/log.hpp"

// Limits in time, and the end of the server.

namespace saker::http::v1 {

void connection::on_stopping() {
  keep_alive_ = false;
  if (!timing_) return;
  if (phase_ == phase::processing) {
    exchange_->on_stopping();
    // What the client has bought before counts no more.
    if (timing_->is_set()) timing_->set(state().deadlines(), async::deadline_wheel::tick);
    return;
  }
  if (phase_ == phase::draining || !timing_->reader->has_begun()) {
    close();
  } else {
    timing_->set(state().deadlines(), std::min<std::chrono::milliseconds>(
                                          options_.limits.request_headers_timeout, stopping_limit));
  }
}

void connection::report_work(async::work_report& to) const {
  if (exchange_) exchange_->report_work(to);
}

void connection::on_deadline() {
  switch (phase_) {
    case phase::head:
      if (timing_->reader->has_begun()) {
        refuse({408, "Reading the request headers timed out."}, true);
      } else {
        on_idle();
      }
      break;
    case phase::processing: check_client(); break;
    case phase::draining: close(); break;
  }
}

/// Between two requests. While the client takes what it is owed the next one may wait; what the
/// system has taken for it costs nothing more, and the client may leave it there.
void connection::on_idle() {
  if (watch_client()) {
    if (client_is_slow()) lose_slow_client();
  } else if (timing_->idle_rest > std::chrono::milliseconds(0)) {
    timing_->set(state().deadlines(),
                 std::exchange(timing_->idle_rest, std::chrono::milliseconds(0)));
  } else {
    close();
  }
}

void connection::lose_slow_client() {
  observe::log(observe::log_level::debug, "A client takes its response too slowly.");
  lost(slow_client_error());
}

void connection::check_client() {
  if (!stream_) return;
  if (client_is_slow()) {
    lose_slow_client();
  } else if (exchange_->awaits_room() || timing_->pace.is_watched()) {
    timing_->set(state().deadlines(), rate_check_interval);
  }
}

bool connection::client_is_slow() {
  return stream_ && timing_->pace.is_slow(*stream_, state(), options_.limits);
}

}  // namespace saker::http::v1
