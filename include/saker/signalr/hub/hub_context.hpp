#pragma once

#include <memory>
#include <stdexcept>

#include <saker/signalr/hub/clients.hpp>

namespace saker::signalr {

/// Reaches a hub's clients from anywhere: `app.hub_context<chat_hub>()`. It may be created before
/// `map_hub`, so that services and the hub itself can receive one.
///
///     app.map_hub<chat_hub>("/chat", app.hub_context<chat_hub>());
///
/// Owner: the caller; it must not outlive the web_application. Thread rule: any thread, with or
/// without an event loop. Errors: until the hub is mapped, the members throw `std::logic_error`.
template <class Hub>
class hub_context {
 public:
  /// Internal: for Saker itself.
  explicit hub_context(const std::shared_ptr<hub_manager>& place) noexcept : place_(&place) {}

  hub_clients clients() const { return hub_clients(manager()); }
  group_manager groups() const { return group_manager(manager()); }

 private:
  hub_manager& manager() const {
    if (!*place_) throw std::logic_error("That hub has not been mapped.");
    return **place_;
  }

  const std::shared_ptr<hub_manager>* place_;
};

}  // namespace saker::signalr
