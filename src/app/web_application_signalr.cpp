#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <saker/app/web_application.hpp>
#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/hub/hub_options.hpp>
#include <saker/signalr/transports/connection_context.hpp>

#include "app/signalr_state.hpp"
#include "observe/type_name.hpp"
#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/transports/raw_endpoint.hpp"

namespace saker {
namespace {

std::string below(std::string_view pattern, std::string_view name) {
  std::string path(pattern);
  while (path.ends_with('/')) path.pop_back();
  return path.append("/").append(name);
}

void add_routes(route_table& routes, route_table& with_query_token, std::string_view pattern,
                signalr::connection_endpoint& endpoint) {
  const auto nothing = [](http_context&) { return task<void>(); };
  with_query_token.add(below(pattern, "negotiate"), {}, nothing);
  with_query_token.add(pattern, {}, nothing);
  routes.add(below(pattern, "negotiate"), {},
             [&endpoint](http_context& context) { return endpoint.answer_negotiate(context); });
  routes.add(pattern, {}, [&endpoint](http_context& context) { return endpoint.answer(context); });
  if (!endpoint.options().enable_authentication_refresh) return;
  with_query_token.add(below(pattern, "refresh"), {}, nothing);
  routes.add(below(pattern, "refresh"), {},
             [&endpoint](http_context& context) { return endpoint.answer_refresh(context); });
}

}  // namespace

web_application& web_application::add_signalr(
    const std::function<void(signalr::hub_options&)>& configure) {
  auto& defaults = app::signalr_state::in(room_state("signalr")).defaults;
  configure(defaults);
  defaults.validate();
  return *this;
}

web_application& web_application::add_hub(
    std::string_view pattern, const std::type_info& type, signalr::hub_definition definition,
    const std::function<void(signalr::hub_endpoint_options&)>& configure) {
  auto& state = app::signalr_state::in(room_state("signalr"));
  signalr::hub_endpoint_options options;
  options.hub = state.defaults;
  if (configure) configure(options);
  options.hub.validate();
  options.connection.validate();
  if (options.hub.name.empty()) options.hub.name = observe::dotted_type_name(type);
  auto manager = state.hubs[type];
  if (!manager) manager = state.make_manager(options);
  state.endpoints.push_back(
      std::make_unique<signalr::hub_endpoint>(std::move(definition), std::move(options), manager));
  state.hubs[type] = manager;
  add_routes(routes(), query_token_routes(), pattern, *state.endpoints.back());
  return *this;
}

const std::shared_ptr<signalr::hub_manager>& web_application::find_hub(const std::type_info& type) {
  return app::signalr_state::in(room_state("signalr")).hubs[type];
}

web_application& web_application::map_connection(
    std::string_view pattern, std::function<task<void>(signalr::connection_context&)> handler) {
  return map_connection(pattern, std::move(handler), signalr::connection_options());
}

web_application& web_application::map_connection(
    std::string_view pattern, std::function<task<void>(signalr::connection_context&)> handler,
    const signalr::connection_options& options) {
  auto& state = app::signalr_state::in(room_state("signalr"));
  state.endpoints.push_back(std::make_unique<signalr::raw_endpoint>(std::move(handler), options));
  add_routes(routes(), query_token_routes(), pattern, *state.endpoints.back());
  return *this;
}

signalr::connection_metrics web_application::signalr_metrics() const {
  signalr::connection_metrics all;
  for (const auto& each : app::signalr_state::in(room_state("signalr")).endpoints)
    all += each->metrics();
  return all;
}

}  // namespace saker
