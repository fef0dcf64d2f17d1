#include "http/exchange/response_content.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "http/exchange/exchange.hpp"

namespace saker::http {
namespace {

/// What is written for nobody before the writer waits.
constexpr std::uint64_t most_discarded = 64 * 1024;
/// How long the handler of HEAD may go on when nobody hears it.
constexpr std::chrono::seconds unheard_limit{5};

bool allows_content(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

content_size response_content::begin(const http_response& response, std::size_t known, bool last) {
  allowed_ = allows_content(response.status());
  const auto field = response.headers().find("Content-Length");
  if (field && allowed_) {
    left_ = 0;
    std::from_chars(field->data(), field->data() + field->size(), left_);
  } else if (last && allowed_) {
    left_ = known;
  }
  const bool is_known = left_ != unknown;
  return {.allowed = allowed_,
          .sent = allowed_ && !answers_head_,
          .length = is_known ? std::optional(left_) : std::nullopt,
          .add_length = is_known && !field,
          .complete = last};
}

bool response_content::take(exchange& of, std::size_t bytes) {
  if (!allowed_) throw std::logic_error("A response with this status has no body.");
  if (left_ != unknown) {
    if (bytes > left_) {
      throw std::logic_error("Response Content-Length mismatch: too many bytes written.");
    }
    left_ -= bytes;
  }
  if (answers_head_) discarding(of).bytes += bytes;
  return !answers_head_;
}

bool response_content::is_congested(const exchange& of) const noexcept {
  if (answers_head_) return discarded_ && discarded_->bytes >= most_discarded;
  const auto& most = of.limits().max_response_buffer_size;
  return most && of.on().queued() >= std::max<std::size_t>(*most, 1);
}

void response_content::set_waiter(exchange& of, async::resumption* waiter) noexcept {
  waiter_ = waiter;
  if (!waiter) return;
  if (answers_head_) {
    discarding(of).bytes = 0;
    discarding(of).set(of.loop().state().deadlines(), async::deadline_wheel::tick);
  } else {
    of.on().await_room();
  }
}

void response_content::wake(async::loop_state& loop) {
  if (auto* const waiter = std::exchange(waiter_, nullptr)) waiter->wake(loop);
}

response_content::discarded::discarded(exchange& by)
    : async::deadline(
          [](void* self) {
            auto& request = static_cast<discarded*>(self)->of;
            request.content_.on_discard_timer(request);
          },
          this),
      of(by) {}

response_content::discarded& response_content::discarding(exchange& of) {
  if (!discarded_) discarded_ = std::make_unique<discarded>(of);
  return *discarded_;
}

/// Nothing that is written to HEAD will show that the client has gone.
void response_content::note_unheard(exchange& of) {
  if (!answers_head_) return;
  discarding(of).unheard = true;
  // A writer that waits goes on soon, and its waits are counted.
  if (!waiter_) discarded_->set(of.loop().state().deadlines(), unheard_limit);
}

void response_content::on_discard_timer(exchange& of) {
  auto& state = of.loop().state();
  const bool unheard = discarded_->unheard;
  bool over = unheard && of.context().response().has_started();
  if (waiter_) {
    const auto waited = ++discarded_->waits * async::deadline_wheel::tick;
    over = waited > of.limits().min_data_rate_grace_period || (unheard && state.is_stopping());
  }
  if (over) {
    of.on().abort(std::errc::connection_reset);
  } else if (waiter_) {
    wake(state);
  } else if (unheard) {
    discarded_->set(state.deadlines(), rate_check_interval);
  }
}

void response_content::on_stopping(exchange& of) {
  if (!discarded_ || !discarded_->unheard) return;
  // Its handler goes on for nobody.
  discarded_->set(of.loop().state().deadlines(), stopping_limit);
}

}  // namespace saker::http
