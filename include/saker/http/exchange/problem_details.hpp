#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace saker {

class http_context;

/// Describes an error to a client program (RFC 9457).
///
/// The response to an exception has a body unless a component writes another: these members and
/// `status` as `application/problem+json` for a client that accepts it or `application/json`, and
/// status, title and detail as `text/plain` for any other client (RFC 9110, section 12.5.1, with
/// q-values; a client without `Accept` accepts everything). A status of 400 or more that a handler
/// or Saker merely sets, including 404 and 405 of routes, has no body, as in ASP.NET Core;
/// `web_application::use_status_code_pages` adds one. A response with Content-Type or
/// Content-Length, or one sent by `send({})`, is complete as it is.
///
/// Owner: a value.
///
/// Example:
/// ```cpp
/// problem_details problem{.type = "/problems/sold-out", .title = "Sold out"};
/// problem.extensions.emplace_back("seats", std::int64_t{0});
/// ```
struct problem_details {
  /// The value of an extension.
  using value = std::variant<std::string, std::int64_t, bool>;

  /// A URI for the kind of problem; "about:blank" means that the status is enough.
  std::string type = "about:blank";
  /// A short summary of the kind of problem: the status's reason phrase.
  std::string title = {};
  /// What happened this time: the message of the `http_error`, if it has one. The text of other
  /// exceptions is shown only with `web_application::set_detailed_errors`. Empty: left out.
  std::string detail = {};
  /// A URI for this occurrence. Empty: left out.
  std::string instance = {};
  /// Further members, with names of your own.
  std::vector<std::pair<std::string, value>> extensions = {};
};

/// Customizes problem details (`web_application::set_problem_details`).
///
/// Example:
/// ```cpp
/// app.set_problem_details({.customize = [](http_context& each, problem_details& problem) {
///   problem.instance = std::string(each.request().path());
/// }});
/// ```
struct problem_details_options {
  /// Called for each problem before it is written, on the request's event loop; status and failure
  /// are those of the context (`response().status()`, `failure()`). If it throws, the exception is
  /// logged and the problem is sent unchanged. Empty (default): nothing is changed.
  std::function<void(http_context&, problem_details&)> customize = {};
};

}  // namespace saker
