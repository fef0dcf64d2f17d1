#pragma once

#include <exception>
#include <functional>
#include <string>

#include <saker/core/task.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/json.hpp>

namespace saker::signalr {

/// A call of a hub method, as filters see it.
struct hub_invocation {
  signalr::hub& hub;
  const std::string& method_name;
  /// An array; what a filter changes is what the method gets.
  json& arguments;

  const hub_call_context& context() const noexcept { return hub.context(); }
};

/// Code around the calls of a hub, as middleware is around requests (`hub_options::filters`): the
/// global ones first, then the hub's own, each in the order in which they were added. A filter may
/// look at the arguments and change them, leave `next` out, change the result, throw.
///
/// The arguments are converted to the method's types after the filters. For a streaming method
/// `next` completes when the stream has been made, with null.
///
/// Owner: shared by all calls, or one for each (`add_filter<T>`). Thread rule: the loop of the
/// connection; a shared filter runs on several threads at once.
class hub_filter {
 public:
  using invocation_next = std::function<task<json>()>;
  using lifetime_next = std::function<task<void>()>;

  hub_filter() = default;
  hub_filter(const hub_filter&) = delete;
  hub_filter& operator=(const hub_filter&) = delete;
  virtual ~hub_filter() = default;

  // Everything by value that a coroutine keeps.
  // NOLINTBEGIN(performance-unnecessary-value-param)
  virtual task<json> invoke_method(hub_invocation&, invocation_next next) { return next(); }
  virtual task<void> on_connected(hub&, lifetime_next next) { return next(); }
  virtual task<void> on_disconnected(hub&, std::exception_ptr, lifetime_next next) {
    return next();
  }
  // NOLINTEND(performance-unnecessary-value-param)
};

}  // namespace saker::signalr
