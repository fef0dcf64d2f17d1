#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>

namespace saker {

/// Maps patterns and methods to handlers.
///
/// A pattern is a path of literal segments (compared case-insensitively, as in ASP.NET Core),
/// parameters `{name}` (one non-empty segment) and, as the last segment, a catch-all `{*name}` (the
/// rest, which may be empty). A trailing slash in pattern or path is ignored. The most literal
/// match that takes the method wins, segment by segment; for one pattern, a route for a named
/// method wins over a route for all methods. A path that matches without a route for the method is
/// answered 405 with `Allow`. Methods compare exactly. A `GET` route also serves `HEAD`.
///
/// Owner: web_application. Thread rule: add before the start, match from any loop. Errors: adding a
/// malformed pattern, a parameter that occurs twice or a duplicate of pattern and method throws
/// `std::invalid_argument`.
///
/// Example:
/// ```cpp
/// route_table table;
/// table.add("/rooms/{room}", {"GET"}, [](http_context& each) {
///   return each.response().send(each.request().route_value("room"));
/// });
/// const auto found = table.find("GET", "/rooms/blue");
/// ```
class route_table {
 public:
  route_table();
  ~route_table();
  route_table(route_table&&) noexcept;
  route_table& operator=(route_table&&) noexcept;

  /// Adds a route. An empty list of methods takes every method, including CONNECT.
  void add(std::string_view pattern, std::vector<std::string> methods, request_delegate handler);

  /// Adds a fallback handler for GET and HEAD requests that no route takes, in whatever order they
  /// are added, except requests for a file (the last segment of the path has a dot with text after
  /// it) or for a WebSocket. Among fallbacks, the most literal pattern wins.
  void add_fallback(std::string_view pattern, request_delegate handler);

  bool empty() const noexcept;

  struct match {
    /// Null when nothing matched.
    const request_delegate* handler = nullptr;
    /// For a path that matched, but not with this method: the value of `Allow`.
    std::string allow;
    std::vector<std::pair<std::string, std::string>> values;
  };
  /// Finds a route; does not consider fallbacks.
  match find(std::string_view method, std::string_view path) const;

  /// Ends the pipeline: runs the handler of the matched route or a fallback, or answers 405 with
  /// `Allow`, or 404.
  task<void> dispatch(http_context& context) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace saker
