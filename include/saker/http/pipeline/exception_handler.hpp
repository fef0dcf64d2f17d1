#pragma once

#include <exception>
#include <functional>

#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// Answers a request that has failed. The response has been prepared: it has a status, the fields
/// that do not describe the failed content, and what `on_starting` callbacks will add.
using exception_handler = std::function<task<void>(http_context&, std::exception_ptr)>;

/// Says how exceptions other than `http_error` are answered (`use_exception_handler`).
///
/// Example:
/// ```cpp
/// app.use_exception_handler({
///     .status_code_selector = [](const std::exception_ptr&) { return 503; },
/// });
/// ```
struct exception_handler_options {
  /// Returns the status for an exception; a status outside 400..599 becomes 500. Empty (default):
  /// 500 for all.
  std::function<int(const std::exception_ptr&)> status_code_selector = {};
  /// May write the response; if it leaves the response without a body, problem details are sent. An
  /// `http_error` that it throws becomes the response; any other exception is logged, and the
  /// exception being handled is rethrown. Empty (default): problem details.
  exception_handler handler = {};
};

/// Turns exceptions from the components after it into responses, so that middleware before it sees
/// a status; an `http_error` has already become a response (see `next`). Logs each exception as an
/// error, in one line. Adds `Cache-Control: no-cache, no-store`, as ASP.NET Core does.
///
/// Once the response has started, or when the connection is lost, the exception is rethrown: the
/// server aborts the connection, on HTTP/2 the stream.
middleware exception_handler_middleware(exception_handler_options options = {});

/// Adds problem details to an error status that was set without a body.
middleware status_code_pages_middleware();

}  // namespace saker
