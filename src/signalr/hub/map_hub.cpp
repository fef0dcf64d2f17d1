#include <saker/signalr/hub/map_hub.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <typeindex>
#include <utility>

#include <saker/signalr/hub/hub_context.hpp>

#include "observe/type_name.hpp"
#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/hub/hub_manager_factory.hpp"
#include "signalr/hub/local_hub_manager.hpp"
#include "signalr/transports/mapped_endpoints.hpp"

namespace saker::signalr {
namespace {

/// The hubs of an application. A service.
struct mapped_hubs {
  hub_options defaults;
  std::map<std::type_index, std::shared_ptr<hub_manager>> managers;  ///< Null: not mapped yet.
};

std::shared_ptr<hub_manager> make_manager(const feature_host& host,
                                          const hub_endpoint_options& options) {
  auto* const factory = host.services().find<hub_manager_factory>();
  if (factory) return factory->make_manager(options);
  return std::make_shared<local_hub_manager>(options);
}

}  // namespace

void defaults::add_to(feature_host& host) const {
  auto& changed = host.services().get_or_add<mapped_hubs>().defaults;
  configure_(changed);
  changed.validate();
}

void detail::mapped_hub::add_to(feature_host& host) && {
  auto& hubs = host.services().get_or_add<mapped_hubs>();
  hub_endpoint_options options;
  options.hub = hubs.defaults;
  if (configure) configure(options);
  options.hub.validate();
  options.connection.validate();
  if (options.hub.name.empty()) options.hub.name = observe::dotted_type_name(*type);
  auto& place = hubs.managers[*type];
  auto manager = place ? place : make_manager(host, options);
  auto endpoint =
      std::make_unique<hub_endpoint>(std::move(definition), std::move(options), manager);
  place = std::move(manager);
  mapped_endpoints::map(host, pattern, std::move(endpoint));
}

const std::shared_ptr<hub_manager>& detail::place_of_hub(feature_host& host,
                                                         const std::type_info& type) {
  return host.services().get_or_add<mapped_hubs>().managers[type];
}

void add_hub_managers(feature_host& host, std::shared_ptr<hub_manager_factory> factory) {
  const auto& managers = host.services().get_or_add<mapped_hubs>().managers;
  if (std::any_of(managers.begin(), managers.end(),
                  [](const auto& each) { return each.second != nullptr; })) {
    throw std::logic_error("A backplane must be added before hubs are mapped.");
  }
  if (host.services().find<hub_manager_factory>()) {
    throw std::logic_error("There is a backplane already.");
  }
  host.services().add(std::move(factory));
}

}  // namespace saker::signalr
