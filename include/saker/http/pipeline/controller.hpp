#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <saker/http/pipeline/middleware.hpp>
#include <saker/http/pipeline/routing.hpp>

namespace saker {

/// Answers requests with member functions of a class that derives from it.
///
/// Owner: one object is created for each request and lives until its action has ended. Thread rule:
/// that of its http_context.
///
/// Example:
/// ```cpp
/// struct orders : controller {
///   task<void> show() { return response().send(request().route_value("id"), "text/plain"); }
///   static void define(controller_routes<orders>& routes) {
///     routes.get("/orders/{id}", &orders::show);
///   }
/// };
///
/// inline void add_orders(web_application& to) { to.map_controllers<orders>(); }
/// ```
class controller {
 public:
  http_context& context() const noexcept { return *context_; }
  http_request& request() const noexcept { return context_->request(); }
  http_response& response() const noexcept { return context_->response(); }

 private:
  template <class>
  friend class controller_routes;
  http_context* context_ = nullptr;
};

/// Maps actions to routes; `T::define` fills it.
///
/// `route` takes every method, as `[Route]` does; use it for WebSockets, which HTTP/2 opens with
/// CONNECT (RFC 8441). Patterns are those of route_table.
///
/// Example:
/// ```cpp
/// struct files : controller {
///   task<void> list() { return response().send("a b c"); }
///   task<void> put() { return response().send({}); }
///   static void define(controller_routes<files>& routes) {
///     routes.get("/files", &files::list).put("/files/{name}", &files::put);
///   }
/// };
/// ```
template <class T>
class controller_routes {
 public:
  using action = task<void> (T::*)();
  using factory = std::function<std::unique_ptr<T>()>;

  controller_routes(route_table& table, factory make) : table_(&table), make_(std::move(make)) {}

  controller_routes& route(std::string_view pattern, action member) {
    return add(pattern, {}, member);
  }
  controller_routes& get(std::string_view pattern, action member) {
    return add(pattern, {"GET"}, member);
  }
  controller_routes& post(std::string_view pattern, action member) {
    return add(pattern, {"POST"}, member);
  }
  controller_routes& put(std::string_view pattern, action member) {
    return add(pattern, {"PUT"}, member);
  }
  controller_routes& patch(std::string_view pattern, action member) {
    return add(pattern, {"PATCH"}, member);
  }
  controller_routes& del(std::string_view pattern, action member) {
    return add(pattern, {"DELETE"}, member);
  }

 private:
  controller_routes& add(std::string_view pattern, std::vector<std::string> methods,
                         action member) {
    table_->add(pattern, std::move(methods), [make = make_, member](http_context& context) {
      return invoke(make(), member, context);
    });
    return *this;
  }

  static task<void> invoke(std::unique_ptr<T> instance, action member, http_context& context) {
    static_cast<controller&>(*instance).context_ = &context;
    co_await (instance.get()->*member)();
  }

  route_table* table_;
  factory make_;
};

}  // namespace saker
