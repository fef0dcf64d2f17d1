#pragma once

#include <memory>

#include <saker/http/pipeline/hosted_service.hpp>
#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr/hub/hub_options.hpp>

#include "redis/bus.hpp"
#include "redis/redis_hub_manager.hpp"
#include "signalr/hub/hub_manager_factory.hpp"

namespace saker::signalr::backplane {

/// The Redis of an application, and what its hubs share of it.
///
/// Owner: the application, and the managers that it made. Thread rule: that of web_application.
class redis_service final : public hosted_service,
                            public hub_manager_factory,
                            public std::enable_shared_from_this<redis_service> {
 public:
  explicit redis_service(const redis_backplane_options& options);

  void start() override { bus_.start(); }
  void stop() override { bus_.stop(); }

  std::shared_ptr<hub_manager> make_manager(const hub_endpoint_options& options) override;
  redis_backplane_metrics metrics() const noexcept;

 private:
  struct made_manager;

  const settings settings_;
  reception reception_;
  redis::bus bus_;
};

}  // namespace saker::signalr::backplane
