#pragma once

#include <saker/signalr/clients.hpp>

namespace saker::signalr {

/// Reaches a hub's clients from outside of it: `app.hub_context<chat_hub>()`, after `map_hub`.
///
/// Owner: whoever asked; it must not outlive the web_application. Thread rule: any thread, whether
/// it runs an event loop or not.
template <class Hub>
class hub_context {
 public:
  explicit hub_context(hub_manager& manager) noexcept : manager_(&manager) {}

  hub_clients clients() const noexcept { return hub_clients(*manager_); }
  group_manager groups() const noexcept { return group_manager(*manager_); }

 private:
  hub_manager* manager_;
};

}  // namespace saker::signalr
