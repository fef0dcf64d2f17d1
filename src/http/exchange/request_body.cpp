#include "http/exchange/request_body.hpp"

#include <utility>

#include <saker/http/message/error.hpp>

#include "http/exchange/exchange.hpp"

namespace saker::http {

request_body::request_body(exchange& of, bool expects_continue)
    : exchange_(of),
      pipe_(static_cast<body_pipe::source&>(*this), of.loop().state()),
      continue_due_(expects_continue) {}

bool request_body::receive(std::span<const std::byte> data) {
  if (has_failed()) return false;
  continue_due_ = false;
  received_ += data.size();
  const auto& most = exchange_.limits().max_request_body_size;
  if (most && received_ > *most) {
    fail({413, http_category()});
    return false;
  }
  pipe_.push(data);
  return true;
}

void request_body::finish(headers trailers) {
  if (!trailers.empty()) exchange_.context().request().set_trailers(std::move(trailers));
  pipe_.finish();
}

void request_body::on_body_wanted() {
  const auto& limits = exchange_.limits();
  const auto& length = exchange_.context().request().content_length();
  if (limits.max_request_body_size && length && *length > *limits.max_request_body_size) {
    fail({413, http_category()});
    throw http_error(413, "Request body too large.");
  }
  if (std::exchange(continue_due_, false) && !exchange_.context().response().has_started()) {
    exchange_.on().send_continue();
  }
  if (limits.min_request_body_data_rate == 0) return;
  pace_ =
      std::make_unique<pace>([](void* of) { static_cast<request_body*>(of)->check_pace(); }, this);
  pace_->rate.begin(0);
  pace_->set(exchange_.loop().state().deadlines(), rate_check_interval);
}

void request_body::on_body_taken() { exchange_.on().on_body_taken(); }

void request_body::check_pace() {
  if (!is_open()) return;
  if (is_slow()) {
    fail({408, http_category()});
  } else {
    pace_->set(exchange_.loop().state().deadlines(), rate_check_interval);
  }
}

/// While nobody waits for more, it is not the client that is slow.
bool request_body::is_slow() {
  if (!pipe_.is_awaited()) {
    pace_->rate.begin(received_);
    return false;
  }
  const auto& limits = exchange_.limits();
  return pace_->rate.is_slow(received_, limits.min_request_body_data_rate, limits,
                             exchange_.loop().state().is_stopping());
}

void request_body::on_stopping() {
  if (pace_ && pace_->is_set()) {
    pace_->set(exchange_.loop().state().deadlines(), async::deadline_wheel::tick);
  }
}

}  // namespace saker::http
