#pragma once

#include <memory>
#include <stdexcept>
#include <typeinfo>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/signalr/hub/clients.hpp>

namespace saker::signalr {

namespace detail {
/// Returns where the host keeps the hub's manager; null until the hub is mapped.
const std::shared_ptr<hub_manager>& place_of_hub(feature_host& host, const std::type_info& type);
}  // namespace detail

/// Reaches a hub's clients from outside the hub. It may be created before the hub is mapped, so
/// that services and the hub itself can receive one.
///
/// Owner: the caller; it must not outlive the web_application. Thread rule: any thread, with or
/// without an event loop. Errors: until the hub is mapped, the members throw `std::logic_error`.
///
/// Example:
/// ```cpp
/// struct chat_hub : signalr::hub {
///   static void define(signalr::hub_methods<chat_hub>&) {}
/// };
///
/// inline void announce(web_application& from) {
///   const signalr::hub_context<chat_hub> chat(from);
///   chat.clients().all().send("News", "The server stops in a minute.");
/// }
/// ```
template <class Hub>
class hub_context {
 public:
  explicit hub_context(feature_host& host) : place_(&detail::place_of_hub(host, typeid(Hub))) {}

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
