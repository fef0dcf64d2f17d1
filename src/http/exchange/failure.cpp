#include "http/exchange/failure.hpp"

#include <system_error>

#include <saker/http/message/error.hpp>

#include "http/exchange/connection_options.hpp"
#include "http/exchange/problem_text.hpp"
#include "http/message/vary.hpp"
#include "observe/log.hpp"

namespace saker::http {
namespace {

void become(http_context& context, const http_error& error) {
  auto& response = context.response();
  response.discard_content();
  response.set_status(error.status());
  for (const auto& [name, value] : error.fields()) response.headers().add(name, value);
}

bool is_expected(const std::exception_ptr& exception, const upgraded_protocol* upgraded) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::system_error& error) {
    return error.code().category() == http_category() ||
           (upgraded && upgraded->is_peer_fault(error.code()));
  } catch (...) {
    return false;
  }
}

bool describes_content(const headers& fields) {
  return fields.contains("Content-Type") || fields.contains("Content-Length");
}

/// What a client may know of a failure.
std::string detail_of(const http_context& context, bool include_exception_details) {
  const auto failure = context.failure();
  if (!failure) return {};
  try {
    std::rethrow_exception(failure);
  } catch (const http_error& error) {
    // A middleware may have made something else of it.
    const bool is_answer = error.status() == context.response().status();
    const bool says_more = error.what() != http_category().message(error.status());
    return is_answer && says_more ? error.what() : std::string();
  } catch (...) {
    return include_exception_details ? observe::describe(failure) : std::string();
  }
}

problem_details problem_of(http_context& context, const connection_options& options) {
  problem_details problem;
  problem.title = http_category().message(context.response().status());
  problem.detail = detail_of(context, options.include_exception_details);
  if (!options.problem_details.customize) return problem;
  auto customized = problem;
  try {
    options.problem_details.customize(context, customized);
    return customized;
  } catch (...) {
    observe::log(observe::log_level::error, "problem_details_options::customize failed: " +
                                                observe::describe(std::current_exception()));
    return problem;
  }
}

}  // namespace

std::string name_of(const http_request& request) {
  return std::string(request.method()) + ' ' + std::string(request.path_base()) +
         std::string(request.path());
}

void log_failure(const http_context& context, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded) {
  if (context.failure() == exception) return;
  log_failure(name_of(context.request()), exception, expected, upgraded);
}

void log_failure(std::string_view name, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded) {
  const auto level = expected || is_expected(exception, upgraded) ? observe::log_level::debug
                                                                  : observe::log_level::error;
  if (!observe::log_enabled(level)) return;
  observe::log(level,
               "The handler of " + std::string(name) + " failed: " + observe::describe(exception));
}

bool answer_http_error(http_context& context, const std::exception_ptr& exception) noexcept {
  if (context.response().has_started()) return false;
  try {
    std::rethrow_exception(exception);
  } catch (const http_error& error) {
    try {
      become(context, error);
      log_failure(context, exception, true);
      context.set_failure(exception);
      return true;
    } catch (...) {
      return false;
    }
  } catch (...) {
    return false;
  }
}

void answer_failure(http_context& context, const std::exception_ptr& exception) {
  if (answer_http_error(context, exception)) return;
  auto& response = context.response();
  response.discard_content();
  response.set_status(500);
  response.headers().set("Cache-Control", "no-cache, no-store");
  context.set_failure(exception);
}

std::string error_content(http_context& context, const connection_options& options) {
  auto& response = context.response();
  const bool wanted = context.failure() || context.has_status_code_pages();
  if (!wanted || response.status() < 400 || describes_content(response.headers())) return {};
  const auto problem = problem_of(context, options);
  vary_by(response.headers(), "Accept");
  if (prefers_problem_json(context.request().headers())) {
    response.set_content_type("application/problem+json");
    return problem_json(problem, response.status());
  }
  response.set_content_type("text/plain; charset=utf-8");
  return problem_text(problem, response.status());
}

}  // namespace saker::http
