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

invocation_slot::invocation_slot(std::shared_ptr<hub_connection> of, kind what, std::size_t cost)
    : loop_(of->loop()), of_(std::move(of)), caller_id_(of_->id()), cost_(cost), what_(what) {
  if (what == kind::counted) {
    --of_->free_slots_;
  } else {
    of_->beside_ += cost_;
  }
}

bool invocation_slot::begin_asking() {
  const auto what = what_.load(std::memory_order_relaxed);
  if (what == kind::connecting) return false;
  if (what == kind::beside) return true;
  if (loop_.is_current()) {
    give_back();
  } else {
    loop_.post([self = shared_from_this()] { self->give_back(); });
  }
  return true;
}

void invocation_slot::give_back() noexcept {
  if (!of_ || what_ != kind::counted) return;
  what_ = kind::beside;
  of_->beside_ += cost_;
  of_->give_back_slot();
}

void invocation_slot::end() noexcept {
  if (!of_) return;
  if (what_ == kind::counted) {
    of_->give_back_slot();
  } else {
    of_->beside_ -= cost_;
  }
  what_ = kind::beside;
  of_.reset();
}

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
