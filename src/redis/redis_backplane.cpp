#include <saker/redis/redis_backplane.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include "redis/address.hpp"
#include "redis/redis_service.hpp"
#include "signalr/hub/hub_manager_factory.hpp"

namespace saker::signalr {

void redis_backplane::add_to(feature_host& host) const {
  const auto made = std::make_shared<backplane::redis_service>(options_);
  add_hub_managers(host, made);
  host.services().add(made);
  host.services().add_hosted_service(made);
}

redis_backplane_metrics redis_metrics(const feature_host& host) {
  const auto* const service = host.services().find<backplane::redis_service>();
  if (!service) throw std::logic_error("There is no Redis backplane.");
  return service->metrics();
}

void redis_backplane_options::validate() const {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(std::string("redis_backplane_options::") + what);
  };
  using std::chrono::milliseconds;
  redis::parse_url(url);
  for (const auto& each : sentinels) redis::parse_address(each, 1);
  require(!sharded || sentinels.empty(), "sharded needs a cluster, which has no Sentinels.");
  require(!sentinel_master.empty(), "sentinel_master must not be empty.");
  require(connect_timeout > milliseconds(0), "connect_timeout must be more than 0.");
  require(minimum_reconnect_delay > milliseconds(0),
          "minimum_reconnect_delay must be more than 0.");
  require(maximum_reconnect_delay >= minimum_reconnect_delay,
          "maximum_reconnect_delay must be minimum_reconnect_delay or more.");
  require(keep_alive_interval >= milliseconds(1'000), "keep_alive_interval must be 1 s or more.");
  require(publish_timeout >= milliseconds(0), "publish_timeout must be 0 or more.");
  require(publish_buffer_size >= 1, "publish_buffer_size must be 1 byte or more.");
  require(acknowledgement_timeout > milliseconds(0),
          "acknowledgement_timeout must be more than 0.");
}

}  // namespace saker::signalr
