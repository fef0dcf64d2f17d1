#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saker/async/task.hpp>
#include <saker/http/exchange/context.hpp>

namespace saker {

/// A handler: answers the request, or throws.
using request_delegate = std::function<task<void>(http_context&)>;

/// Runs the rest of the pipeline for the context that the middleware was called with. A small
/// value: copy it freely, but do not keep it beyond the call.
///
/// Errors: an `http_error` thrown by the rest becomes the response before the task ends, unless the
/// response has started: the middleware sees its status and fields, and may still change them.
/// Other exceptions pass through: catch them, or leave them to `use_exception_handler` or the
/// server.
///
/// Example:
/// ```cpp
/// app.use([](http_context& each, next rest) -> task<void> {
///   co_await rest();
///   std::printf("%d\n", each.response().status());
/// });
/// ```
class next {
 public:
  next(const request_delegate& rest, http_context& context) noexcept
      : rest_(&rest), context_(&context) {}
  task<void> operator()() const;

 private:
  const request_delegate* rest_;
  http_context* context_;
};

/// A middleware: processes the request, calls `next` or not, processes the response.
using middleware = std::function<task<void>(http_context&, next)>;

/// Composes middleware into a pipeline, in the order of the calls.
///
/// Owner: web_application has one; `map` creates one for each branch. Thread rule: build before the
/// start; afterwards all loops share the built pipeline unchanged, so handlers may run on several
/// threads at once and must guard what they share.
///
/// Example:
/// ```cpp
/// app.map("/admin", [](application_builder& branch) {
///   branch.use([](http_context&, next rest) { return rest(); });
///   branch.run([](http_context& each) { return each.response().send("admin\n"); });
/// });
/// ```
class application_builder {
 public:
  /// Adds a middleware.
  application_builder& use(middleware component);
  /// Ends the pipeline: components added later are never reached.
  application_builder& run(request_delegate handler);
  /// Adds a branch for requests whose path begins with these whole segments; the prefix moves from
  /// `path` to `path_base`. The prefix begins with '/' and does not end with one.
  application_builder& map(std::string_view prefix,
                           const std::function<void(application_builder&)>& configure);
  /// Adds a branch for requests for which the predicate returns true.
  application_builder& map_when(std::function<bool(const http_context&)> predicate,
                                const std::function<void(application_builder&)>& configure);

  /// Returns the pipeline; requests that no component answers go to `last`, by default a 404.
  request_delegate build(request_delegate last = {}) const;

 private:
  std::vector<middleware> components_;
};

}  // namespace saker
