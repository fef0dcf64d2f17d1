#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/hub/hub_options.hpp>

#include "observe/log.hpp"
#include "signalr/hub/hub_manager.hpp"
#include "signalr/hub/hub_protocols.hpp"
#include "signalr/transports/connection_endpoint.hpp"

namespace saker::signalr {

/// A hub and its clients.
class hub_endpoint final : public connection_endpoint {
 public:
  hub_endpoint(hub_definition definition, hub_endpoint_options options,
               std::shared_ptr<hub_manager> manager);

  task<void> run(std::shared_ptr<connection> on) override;

  const hub_options& hub() const noexcept { return options_; }
  /// Guards the names that each client has of its groups: one for all, since clients are many.
  std::mutex& groups_mutex() noexcept { return groups_mutex_; }
  hub_manager& manager() const noexcept { return *manager_; }
  std::unique_ptr<signalr::hub> make_hub() const { return definition_.make(); }
  /// Null: there is none of that name.
  const detail::hub_method* find_method(std::string_view name) const noexcept;
  /// Null: it is not spoken here.
  const spoken_protocol* find_protocol(std::string_view name) const noexcept;
  /// Of the application's code, in one line, and one line for all failures of a second.
  void log_failure(std::string_view what, const std::exception_ptr& error);

 private:
  const hub_definition definition_;
  const hub_options options_;
  const std::shared_ptr<hub_manager> manager_;
  observe::rare_log_line failures_;
  std::mutex groups_mutex_;
};

}  // namespace saker::signalr
