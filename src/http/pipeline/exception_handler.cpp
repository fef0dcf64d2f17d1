#include <saker/http/pipeline/exception_handler.hpp>

#include <memory>
#include <utility>

#include "http/exchange/exchange.hpp"
#include "http/exchange/failure.hpp"
#include "observe/log.hpp"

namespace saker {
namespace {

int status_of(const exception_handler_options& options, const std::exception_ptr& failure) {
  const int status = options.status_code_selector ? options.status_code_selector(failure) : 500;
  return status >= 400 && status <= 599 ? status : 500;
}

task<void> answer(const exception_handler_options& options, http_context& context,
                  const std::exception_ptr& failure) {
  context.response().set_status(status_of(options, failure));
  if (!options.handler) co_return;
  auto work = options.handler(context, failure);
  co_await work;
}

void log_handler_failure(const http_context& context, const std::exception_ptr& exception) {
  observe::log(observe::log_level::error,
               "The exception handler failed for " + std::string(context.request().method()) + " " +
                   std::string(context.request().path()) + ": " + observe::describe(exception));
}

task<void> catch_exceptions(const exception_handler_options& options, http_context& context,
                            next rest) {
  std::exception_ptr failure;
  try {
    auto work = rest();
    co_await work;
    co_return;
  } catch (...) {
    // The server knows more of it: whether the peer of a WebSocket is to blame, for example.
    if (context.response().has_started() || context.exchange().error()) throw;
    failure = std::current_exception();
  }
  http::log_failure(context, failure, context.is_aborted());
  http::answer_failure(context, failure);
  try {
    auto answering = answer(options, context, failure);
    co_await answering;
    co_return;
  } catch (...) {
    if (http::answer_http_error(context, std::current_exception())) co_return;
    if (!context.is_aborted()) log_handler_failure(context, std::current_exception());
  }
  std::rethrow_exception(failure);
}

}  // namespace

middleware exception_handler_middleware(exception_handler_options options) {
  const auto shared = std::make_shared<const exception_handler_options>(std::move(options));
  return [shared](http_context& context, next rest) {
    return catch_exceptions(*shared, context, rest);
  };
}

middleware status_code_pages_middleware() {
  return [](http_context& context, next rest) {
    context.set_status_code_pages();
    return rest();
  };
}

}  // namespace saker
