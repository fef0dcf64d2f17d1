#pragma once

#include <string_view>

#include <saker/http/exchange/context.hpp>
#include <saker/http/pipeline/routing.hpp>

namespace saker {

/// Names the routes whose clients may send their bearer token in the query value `access_token`,
/// because browsers cannot add header fields to a WebSocket or an EventSource. A service: SignalR
/// adds its routes, jwt_bearer asks, in whatever order they are added to the application.
///
/// Owner: service_collection. Thread rule: add before the start, ask on any loop. Errors: a
/// malformed pattern, or one that was added before, throws `std::invalid_argument`.
///
/// Example:
/// ```cpp
/// app.services().get_or_add<query_token_routes>().add("/live/{room}");
/// ```
class query_token_routes {
 public:
  /// Adds a pattern, as of route_table, for every method.
  void add(std::string_view pattern);
  /// Returns whether the request's path matches a pattern.
  bool contains(const http_context& context) const;

 private:
  route_table routes_;
};

}  // namespace saker
