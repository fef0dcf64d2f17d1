#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/middleware.hpp>

namespace saker {

/// Routes: patterns and methods to handlers.
///
/// A pattern is a path of literal segments (compared without regard to case, as in ASP.NET Core),
/// parameters `{name}` (one non-empty segment) and, as the last segment, a catch-all `{*name}` (the
/// rest, which may be empty). A slash at the end of pattern or path means nothing. The most literal
/// match that takes the method wins, segment by segment; for one pattern a named method wins over
/// a route for all. A path that matches, but with no route for the method, is answered 405 with
/// `Allow`. Methods compare exactly. `HEAD` is also served by a `GET` route.
///
/// Owner: web_application. Thread rule: add before the start, match from any loop.
/// Errors: a malformed pattern, a parameter that occurs twice or a duplicate of pattern and method
/// throws `std::invalid_argument` when it is added.
class route_table {
 public:
  route_table();
  ~route_table();
  route_table(route_table&&) noexcept;
  route_table& operator=(route_table&&) noexcept;

  /// An empty list of methods takes every method, CONNECT included.
  void add(std::string_view pattern, std::vector<std::string> methods, request_delegate handler);

  /// A handler of last resort: for GET and HEAD requests that no route takes, whatever is added
  /// when, unless they ask for a file (a dot and something else behind it are in the last segment
  /// of the path) or for a WebSocket. Among fallbacks, the most literal pattern wins.
  void add_fallback(std::string_view pattern, request_delegate handler);

  bool empty() const noexcept;

  struct match {
    /// Null when nothing matched.
    const request_delegate* handler = nullptr;
    /// For a path that matched but not with this method: the value of `Allow`.
    std::string allow;
    std::vector<std::pair<std::string, std::string>> values;
  };
  /// Among the routes, not the fallbacks.
  match find(std::string_view method, std::string_view path) const;

  /// The end of a pipeline: the handler of the matched route, a fallback, 405 with `Allow`, or 404.
  task<void> dispatch(http_context& context) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
