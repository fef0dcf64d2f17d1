#include <saker/http/exchange/context.hpp>

#include <utility>

#include "async/loop_state.hpp"
#include "async/root_task.hpp"
#include "http/exchange/exchange.hpp"
#include "http/exchange/failure.hpp"

namespace saker {

/// What few requests need.
struct http_context::details {
  std::map<std::string, std::any> items;
  std::shared_ptr<const claims_principal> user;
  std::exception_ptr failure;
};

http_context::http_context(http::exchange& exchange) noexcept
    : exchange_(exchange), request_(exchange), response_(exchange) {}

http_context::~http_context() = default;

http_context::details& http_context::make_details() {
  if (!details_) details_ = std::make_unique<details>();
  return *details_;
}

std::map<std::string, std::any>& http_context::items() { return make_details().items; }

const claims_principal& http_context::user() const noexcept {
  static const claims_principal nobody;
  return details_ && details_->user ? *details_->user : nobody;
}

std::shared_ptr<const claims_principal> http_context::shared_user() const {
  static const auto nobody = std::make_shared<const claims_principal>();
  return details_ && details_->user ? details_->user : nobody;
}

void http_context::set_user(claims_principal user) {
  make_details().user = std::make_shared<const claims_principal>(std::move(user));
}

std::exception_ptr http_context::failure() const noexcept {
  return details_ ? details_->failure : nullptr;
}

void http_context::set_failure(std::exception_ptr exception) {
  make_details().failure = std::move(exception);
}

/// The rest of a pipeline is always awaited.
void http_context::on_task_done(std::exception_ptr) noexcept {}

void http_context::on_task_failed(std::exception_ptr& exception) noexcept {
  if (http::answer_http_error(*this, exception)) exception = nullptr;
}

void http_context::set_detachable(const task<void>& handler) noexcept {
  async::root_task::watch(handler, detachable_);
}

bool http_context::is_detachable(const task<void>& work) const noexcept {
  return async::root_task::is_watched_by(work, detachable_) && !aborted_.stop_possible();
}

std::stop_token http_context::request_aborted() {
  if (!aborted_.stop_possible()) {
    aborted_ = std::stop_source();
    if (is_aborted_) aborted_.request_stop();
  }
  return aborted_.get_token();
}

void http_context::signal_aborted() noexcept {
  is_aborted_ = true;
  // A callback may end the handler, and this with it.
  auto kept = aborted_;
  kept.request_stop();
}

std::stop_token http_context::stopping() const noexcept {
  return exchange_.loop().state().stopping();
}

void http_context::abort() { exchange_.abort(); }

event_loop& http_context::loop() noexcept { return exchange_.loop(); }

}  // namespace saker
