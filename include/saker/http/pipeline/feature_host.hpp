#pragma once

#include <concepts>
#include <utility>

#include <saker/http/pipeline/middleware.hpp>
#include <saker/http/pipeline/routing.hpp>
#include <saker/http/pipeline/service_collection.hpp>

namespace saker {

/// Holds what a feature can add to: the middleware, the routes and the services of an application.
/// A web_application is one; a test of a feature may construct one by itself.
///
/// Owner: the user. Thread rule: that of its parts: add from one thread, before the start. Errors:
/// those of its parts.
///
/// Example:
/// ```cpp
/// feature_host host;
/// jwt_bearer({.keys = {{jwt_algorithm::hs256, std::string(32, 's')}}}).add_to(host);
/// ```
class feature_host {
 public:
  feature_host() = default;
  feature_host(const feature_host&) = delete;
  feature_host& operator=(const feature_host&) = delete;

  /// Returns the middleware, which requests pass in the order in which it was added.
  application_builder& pipeline() noexcept { return pipeline_; }
  /// Returns the routes, which come after all middleware.
  route_table& routes() noexcept { return routes_; }
  /// Returns the services, which are found by their types.
  service_collection& services() noexcept { return services_; }
  const service_collection& services() const noexcept { return services_; }

 private:
  application_builder pipeline_;
  route_table routes_;
  service_collection services_;
};

/// Names what `web_application::add` takes: a value with a public member function `add_to`, which
/// adds what it consists of to the host. Handlers and middleware that it adds may refer to the
/// host's services.
///
/// Errors: what `add_to` throws, `add` throws.
///
/// Example:
/// ```cpp
/// struct health_check {
///   std::string path;
///   void add_to(feature_host& host) && {
///     host.routes().add(path, {"GET"},
///                       [](http_context& context) { return context.response().send("ok"); });
///   }
/// };
///
/// inline void add_health(web_application& to) { to.add(health_check{"/health"}); }
/// ```
template <class T>
concept feature = requires(T each, feature_host& host) {
  { std::move(each).add_to(host) } -> std::same_as<void>;
};

}  // namespace saker
