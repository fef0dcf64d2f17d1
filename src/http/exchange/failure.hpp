#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <saker/http/exchange/context.hpp>

#include "http/exchange/upgrade.hpp"

namespace saker::http {

struct connection_options;

/// A request for people: its method and its path.
std::string name_of(const http_request& request);

/// Logs why the handler of a request has failed, once. What the peer or the network causes is no
/// fault of the application: `expected`, or an exception that says so.
void log_failure(const http_context& context, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded = nullptr);
/// The same of a request that has gone.
void log_failure(std::string_view name, const std::exception_ptr& exception, bool expected,
                 const upgraded_protocol* upgraded);

/// Makes an http_error the response, and says whether that was possible: not with another
/// exception, and not after the start.
bool answer_http_error(http_context& context, const std::exception_ptr& exception) noexcept;

/// Makes any exception the response, which has not started: the http_error's own, or 500.
void answer_failure(http_context& context, const std::exception_ptr& exception);

/// The content of a response that is about to end without any, and its fields: problem details
/// for an error that was thrown, or for any where that is wanted; else nothing.
std::string error_content(http_context& context, const connection_options& options);

}  // namespace saker::http
