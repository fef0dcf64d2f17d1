#include "http/failure.hpp"

#include <system_error>

#include <saker/http/error.hpp>

#include "core/log.hpp"

namespace saker::http {

void log_failure(const http_context& context, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::system_error& error) {
    expected = expected || error.code().category() == http_category() ||
               (upgraded && upgraded->is_peer_fault(error.code()));
  } catch (...) {
  }
  core::log(expected ? core::log_level::debug : core::log_level::error,
            "The handler of " + std::string(context.request().method()) + " " +
                std::string(context.request().path()) + " failed: " + core::describe(exception));
}

std::string answer_failure(http_response& response, const std::exception_ptr& exception,
                           bool include_details) {
  response.reset();
  response.set_status(500);
  try {
    std::rethrow_exception(exception);
  } catch (const http_error& error) {
    response.set_status(error.status());
    for (const auto& [name, value] : error.fields()) response.headers().add(name, value);
  } catch (...) {
  }
  if (!include_details) return {};
  auto text = core::describe(exception);
  if (!text.empty()) response.set_content_type("text/plain; charset=utf-8");
  return text;
}

}  // namespace saker::http
