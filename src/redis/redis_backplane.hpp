#pragma once

#include <memory>

#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr/hub/hub_options.hpp>

#include "redis/bus.hpp"
#include "redis/redis_hub_manager.hpp"

namespace saker::signalr::backplane {

/// The Redis of an application, and what its hubs share of it.
///
/// Owner: the application. Thread rule: that of web_application.
class redis_backplane {
 public:
  explicit redis_backplane(const redis_backplane_options& options);

  void start() { bus_.start(); }
  void stop() { bus_.stop(); }

  std::shared_ptr<hub_manager> make_manager(const hub_endpoint_options& options);
  redis_backplane_metrics metrics() const noexcept;

 private:
  const settings settings_;
  reception reception_;
  redis::bus bus_;
};

}  // namespace saker::signalr::backplane
