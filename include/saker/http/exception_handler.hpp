#pragma once

#include <exception>
#include <functional>

#include <saker/http/middleware.hpp>

namespace saker {

/// Answers a request that has failed. The response has been prepared: a status, the fields that do
/// not belong to the content that failed, and what `on_starting` callbacks will add.
using exception_handler = std::function<task<void>(http_context&, std::exception_ptr)>;

/// What becomes of exceptions that carry no answer of their own.
struct exception_handler_options {
  /// The status for an exception; out of 400..599: 500. Empty (default): 500 for all.
  std::function<int(const std::exception_ptr&)> status_code_selector = {};
  /// Answers, if it likes. A response that it leaves without a body gets problem details. If it
  /// throws an `http_error`, that is the answer; anything else is logged, and the exception that it
  /// was to answer goes on. Empty (default): problem details.
  exception_handler handler = {};
};

/// Makes a response of the exceptions that come out of what follows it, so that middleware before
/// it sees a status; an `http_error` has become one earlier (`next`). Each is logged as an error,
/// in one line. With `Cache-Control: no-cache, no-store`, as in ASP.NET Core.
///
/// Once the response has started, or when the connection is lost, the exception goes on: the server
/// aborts the connection, on HTTP/2 the stream.
middleware exception_handler_middleware(exception_handler_options options = {});

/// Gives an error status that has only been set, and no body, problem details.
middleware status_code_pages_middleware();

}  // namespace saker
