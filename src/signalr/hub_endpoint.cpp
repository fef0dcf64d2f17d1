#include "signalr/hub_endpoint.hpp"

#include <algorithm>
#include <utility>

#include "signalr/hub_connection.hpp"

namespace saker::signalr {

hub_endpoint::hub_endpoint(hub_definition definition, hub_endpoint_options options,
                           std::shared_ptr<hub_manager> manager)
    : connection_endpoint(std::move(options.connection)),
      definition_(std::move(definition)),
      options_(std::move(options.hub)),
      manager_(std::move(manager)) {
  options_.validate();
}

task<void> hub_endpoint::run(std::shared_ptr<connection> on) {
  return hub_connection::run(std::make_shared<hub_connection>(*this, std::move(on)));
}

void hub_endpoint::log_failure(std::string_view what, const std::exception_ptr& error) {
  failures_.log(core::log_level::error, std::string(what) + core::describe(error));
}

const detail::hub_method* hub_endpoint::find_method(std::string_view name) const noexcept {
  const auto& methods = definition_.methods;
  const auto found = std::find_if(methods.begin(), methods.end(), [&](const auto& each) {
    return detail::same_method_name(each.name, name);
  });
  return found == methods.end() ? nullptr : &*found;
}

const hub_protocol* hub_endpoint::find_protocol(std::string_view name) const noexcept {
  for (const auto* each : {&json_protocol(), &messagepack_protocol()}) {
    if (!equals_ignoring_case(each->name(), name)) continue;
    const auto& allowed = options_.supported_protocols;
    const bool spoken =
        allowed.empty() || std::find(allowed.begin(), allowed.end(), each->name()) != allowed.end();
    return spoken ? each : nullptr;
  }
  return nullptr;
}

bool detail::same_method_name(std::string_view left, std::string_view right) noexcept {
  return equals_ignoring_case(left, right);
}

}  // namespace saker::signalr
