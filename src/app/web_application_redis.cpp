#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/app/web_application.hpp>
#include <saker/redis/redis_backplane.hpp>

#include "app/hosted_service.hpp"
#include "app/signalr_state.hpp"
#include "redis/redis_backplane.hpp"

namespace saker {
namespace {

struct backplane_service final : app::hosted_service {
  explicit backplane_service(const signalr::redis_backplane_options& options)
      : backplane(options) {}
  void start() override { backplane.start(); }
  void stop() override { backplane.stop(); }

  signalr::backplane::redis_backplane backplane;
};

}  // namespace

web_application& web_application::use_redis_backplane(
    const signalr::redis_backplane_options& options) {
  auto& state = app::signalr_state::in(room_state("signalr"));
  if (std::any_of(state.hubs.begin(), state.hubs.end(),
                  [](const auto& each) { return each.second != nullptr; })) {
    throw std::logic_error("use_redis_backplane must come before the hubs are mapped.");
  }
  auto& place = room_state("redis");
  if (place) throw std::logic_error("There is a Redis backplane already.");
  const auto made = std::make_shared<backplane_service>(options);
  place = made;
  add_hosted_service(made);
  state.make_manager = [made](const signalr::hub_endpoint_options& each) {
    return made->backplane.make_manager(each);
  };
  return *this;
}

signalr::redis_backplane_metrics web_application::redis_backplane_metrics() const {
  const auto& place = room_state("redis");
  if (!place) throw std::logic_error("There is no Redis backplane.");
  return static_cast<const backplane_service*>(place.get())->backplane.metrics();
}

}  // namespace saker
