#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace saker {

class http_context;

/// Describes what has gone wrong to a client that is a program (RFC 9457).
///
/// The answer to an exception has a body unless somebody gives it another: these members and
/// `status` as `application/problem+json` for a client that accepts it or `application/json`, and
/// status, title and detail as `text/plain` for any other (RFC 9110, section 12.5.1, with q-values;
/// a client that names nothing accepts everything). A status of 400 or more that a handler or
/// Saker has only set, 404 and 405 of routes among them, has none, as in ASP.NET Core;
/// `web_application::use_status_code_pages` gives it one as well. Content-Type or Content-Length,
/// or `send({})`, says that a response is complete as it is.
///
/// Owner: a value.
struct problem_details {
  /// The value of an extension.
  using value = std::variant<std::string, std::int64_t, bool>;

  /// A URI for the kind of problem; "about:blank" means that the status says it all.
  std::string type = "about:blank";
  /// The kind of problem in few words: the status's reason phrase.
  std::string title = {};
  /// What happened this time: the message of the `http_error`, if it has one. What other exceptions
  /// say is shown with `web_application::set_detailed_errors` only. Empty: left out.
  std::string detail = {};
  /// A URI for this very occurrence. Empty: left out.
  std::string instance = {};
  /// Further members, by names of your own.
  std::vector<std::pair<std::string, value>> extensions = {};
};

/// How `web_application::set_problem_details` changes them.
struct problem_details_options {
  /// Called for each problem before it is written, on the request's event loop; status and failure
  /// are those of the context (`response().status()`, `failure()`). If it throws, that is logged
  /// and the problem is sent as it was. Empty (default): nothing is changed.
  std::function<void(http_context&, problem_details&)> customize = {};
};

}  // namespace saker
