#include "signalr/hub/hub_endpoint.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub_creation_error.hpp"

namespace saker::signalr {

hub_endpoint::hub_endpoint(hub_definition definition, hub_endpoint_options options,
                           std::shared_ptr<hub_manager> manager)
    : connection_endpoint(std::move(options.connection)),
      definition_(std::move(definition)),
      options_(std::move(options.hub)),
      manager_(std::move(manager)) {
  for (const auto& each : options_.protocols) {
    const auto* const known = manager_->protocols().find(each->name());
    if (known && known->how == each.get()) continue;
    throw std::invalid_argument("hub_options::protocols must be those of the hub's first map_hub.");
  }
}

task<void> hub_endpoint::run(std::shared_ptr<connection> on) {
  return hub_connection::run(std::make_shared<hub_connection>(*this, std::move(on)));
}

void hub_endpoint::log_failure(std::string_view what, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const hub_creation_error& each) {
    failures_.log(observe::log_level::error,
                  "A hub could not be made: " + observe::describe(each.cause));
  } catch (...) {
    failures_.log(observe::log_level::error, std::string(what) + observe::describe(error));
  }
}

const detail::hub_method* hub_endpoint::find_method(std::string_view name) const noexcept {
  const auto& methods = definition_.methods;
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& each) {
    return detail::same_method_name(each.name, name);
  });
  return found == methods.end() ? nullptr : &*found;
}

const spoken_protocol* hub_endpoint::find_protocol(std::string_view name) const noexcept {
  const auto* const found = manager_->protocols().find(name);
  return found && is_supported(options_, *found->how) ? found : nullptr;
}

bool detail::same_method_name(std::string_view left, std::string_view right) noexcept {
  return equals_ignoring_case(left, right);
}

}  // namespace saker::signalr
