#include "signalr/hub_call.hpp"

#include <utility>

#include "signalr/hub_endpoint.hpp"

namespace saker::signalr {
namespace {

task<json> make_stream(const detail::hub_method& method, hub& on, detail::call_input& input,
                       async_generator<json>& made) {
  auto making = method.stream(on, input);
  made = co_await making;
  co_return json();
}

}  // namespace

hub_call::hub_call(hub_connection& on, const hub_endpoint& endpoint,
                   std::shared_ptr<invocation_slot> slot)
    : slot_(std::move(slot)),
      scope_{hub_caller_clients(endpoint.manager(), slot_), group_manager(endpoint.manager()),
             hub_call_context(on)},
      hub_(endpoint.make_hub()) {
  hub_->set_scope(scope_);
  filters_.reserve(endpoint.hub().filters.size());
  for (const auto& make : endpoint.hub().filters) filters_.push_back(make());
}

task<void> hub_call::connect(std::size_t filter) {
  if (filter == filters_.size()) return hub_->on_connected();
  return filters_[filter]->on_connected(*hub_, [this, filter] { return connect(filter + 1); });
}

task<void> hub_call::disconnect(std::exception_ptr error, std::size_t filter) {
  if (filter == filters_.size()) return hub_->on_disconnected(std::move(error));
  return filters_[filter]->on_disconnected(
      *hub_, error, [this, error, filter] { return disconnect(error, filter + 1); });
}

task<json> hub_call::invoke(const detail::hub_method& method, detail::call_input& input) {
  if (filters_.empty()) return method.invoke(*hub_, input);
  return invoke_filtered(method, input);
}

task<json> hub_call::invoke_filtered(const detail::hub_method& method, detail::call_input& input) {
  json arguments(std::move(input.arguments));
  filtered what{{*hub_, method.name, arguments}, method, input, nullptr};
  auto invoking = invoke_through(what, 0);
  co_return co_await invoking;
}

task<async_generator<json>> hub_call::stream(const detail::hub_method& method,
                                             detail::call_input& input) {
  if (filters_.empty()) return method.stream(*hub_, input);
  return stream_filtered(method, input);
}

task<async_generator<json>> hub_call::stream_filtered(const detail::hub_method& method,
                                                      detail::call_input& input) {
  async_generator<json> made;
  json arguments(std::move(input.arguments));
  filtered what{{*hub_, method.name, arguments}, method, input, &made};
  auto invoking = invoke_through(what, 0);
  co_await invoking;
  co_return made;
}

task<json> hub_call::invoke_through(filtered& what, std::size_t filter) {
  if (filter != filters_.size()) {
    return filters_[filter]->invoke_method(
        what.invocation, [this, &what, filter] { return invoke_through(what, filter + 1); });
  }
  auto& arguments = what.invocation.arguments;
  if (!arguments.is_array() || arguments.size() != what.method.arguments) {
    throw detail::binding_error();
  }
  what.input.arguments = arguments.get<json::array_t>();
  if (!what.made) return what.method.invoke(*hub_, what.input);
  return make_stream(what.method, *hub_, what.input, *what.made);
}

}  // namespace saker::signalr
