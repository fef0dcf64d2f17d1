#include <saker/http/context.hpp>

#include "http/exchange.hpp"

namespace saker {

http_context::http_context(http::exchange& exchange) noexcept
    : exchange_(exchange), request_(exchange), response_(exchange) {}

http_context::~http_context() = default;

std::map<std::string, std::any>& http_context::items() {
  if (!items_) items_ = std::make_unique<std::map<std::string, std::any>>();
  return *items_;
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
  aborted_.request_stop();
}

void http_context::abort() { exchange_.abort(); }

event_loop& http_context::loop() noexcept { return exchange_.loop(); }

}  // namespace saker
