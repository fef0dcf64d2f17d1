#pragma once

#include <memory>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/signalr/hub/hub_options.hpp>

#include "signalr/hub/hub_manager.hpp"

namespace saker::signalr {

/// Makes the managers of an application's hubs: what a backplane adds as a service, to be found by
/// this type. Without it, hubs have managers of their own that know of no other server.
class hub_manager_factory {
 public:
  virtual ~hub_manager_factory() = default;
  virtual std::shared_ptr<hub_manager> make_manager(const hub_endpoint_options& options) = 0;
};

/// Throws `std::logic_error` if a hub has been mapped, or if there is a factory.
void add_hub_managers(feature_host& host, std::shared_ptr<hub_manager_factory> factory);

}  // namespace saker::signalr
