#pragma once

#include <exception>
#include <string>

#include <saker/http/context.hpp>

#include "http/exchange.hpp"

namespace saker::http {

/// Logs why the handler of a request has failed. What the peer or the network causes is no fault of
/// the application: `expected`, or an exception that says so.
void log_failure(const http_context& context, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded = nullptr);

/// Makes a response that has not started the answer to a failure, and gives its body: the text of
/// the exception, where details are shown.
std::string answer_failure(http_response& response, const std::exception_ptr& exception,
                           bool include_details);

}  // namespace saker::http
