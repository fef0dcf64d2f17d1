#pragma once

#include <functional>
#include <map>
#include <memory>
#include <typeindex>
#include <vector>

#include <saker/signalr/hub/hub_options.hpp>

#include "signalr/hub/hub_manager.hpp"
#include "signalr/hub/local_hub_manager.hpp"
#include "signalr/transports/connection_endpoint.hpp"

namespace saker::app {

/// All that an application has of SignalR.
struct signalr_state {
  signalr::hub_options defaults;
  /// Makes the manager of a hub whose options these are.
  std::function<std::shared_ptr<signalr::hub_manager>(const signalr::hub_endpoint_options&)>
      make_manager = [](const signalr::hub_endpoint_options& options) {
        return std::make_shared<signalr::local_hub_manager>(options);
      };
  std::map<std::type_index, std::shared_ptr<signalr::hub_manager>> hubs;
  std::vector<std::unique_ptr<signalr::connection_endpoint>> endpoints;

  static signalr_state& in(std::shared_ptr<void>& place) {
    if (!place) place = std::make_shared<signalr_state>();
    return *static_cast<signalr_state*>(place.get());
  }
};

}  // namespace saker::app
