#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/server/web_application.hpp>
#include <saker/signalr/redis_backplane.hpp>

#include "server/signalr_state.hpp"
#include "signalr/backplane/redis_backplane.hpp"

namespace saker {

using signalr::backplane::redis_backplane;

web_application& web_application::use_redis_backplane(
    const signalr::redis_backplane_options& options) {
  auto& state = server::signalr_state::in(room_state("signalr"));
  if (!state.hubs.empty()) {
    throw std::logic_error("use_redis_backplane must come before the hubs are mapped.");
  }
  auto& place = room_state("redis");
  if (place) throw std::logic_error("There is a Redis backplane already.");
  const auto made = std::make_shared<redis_backplane>(options);
  place = made;
  add_hosted_service(made);
  state.make_manager = [made](const signalr::hub_endpoint_options& each) {
    return made->make_manager(each);
  };
  return *this;
}

signalr::redis_backplane_metrics web_application::redis_backplane_metrics() const {
  const auto& place = room_state("redis");
  if (!place) throw std::logic_error("There is no Redis backplane.");
  return static_cast<const redis_backplane*>(place.get())->metrics();
}

}  // namespace saker
