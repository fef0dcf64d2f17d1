#include "signalr/hub/hub_call.hpp"

#include <optional>
#include <utility>

#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/hub_creation_error.hpp"

namespace saker::signalr {

/// A call on its way through the filters. They may wait, and the message is gone by then.
struct hub_call::filtered {
  filtered(signalr::hub& hub, const detail::hub_method& called, detail::call_input& given,
           async_generator<std::string>* stream)
      : method(called),
        input(given),
        made(stream),
        invocation(hub, called.name, std::string(given.arguments), given.encoding) {}

  const detail::hub_method& method;
  detail::call_input& input;
  async_generator<std::string>* const made;
  hub_invocation invocation;
};

const json& hub_invocation::arguments() {
  if (!document_) {
    try {
      document_ = binding::read_from<json>(encoded_, how_.format);
    } catch (const binding::binding_error&) {
      detail::refuse_arguments();
    }
  }
  return *document_;
}

void hub_invocation::set_arguments(json arguments) {
  std::string bytes;
  binding::write_to(bytes, arguments, how_);
  encoded_ = std::move(bytes);
  document_ = std::move(arguments);
}

json hub_result::value() const {
  return encoded_ ? binding::read_from<json>(*encoded_, format_) : value_;
}

std::string hub_result::encoded(const binding::encoding& how) && {
  if (encoded_) return std::move(*encoded_);
  std::string bytes;
  binding::write_to(bytes, value_, how);
  return bytes;
}

hub_call::hub_call(hub_connection& on, const hub_endpoint& endpoint,
                   std::shared_ptr<invocation_slot> slot)
    : slot_(std::move(slot)),
      scope_{hub_caller_clients(endpoint.manager(), slot_), group_manager(endpoint.manager()),
             hub_call_context(on)} {
  try {
    hub_ = endpoint.make_hub();
    filters_.reserve(endpoint.hub().filters.size());
    for (const auto& make : endpoint.hub().filters) filters_.push_back(make());
  } catch (...) {
    throw hub_creation_error{std::current_exception()};
  }
  hub_->set_scope(scope_);
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

void hub_call::require_unusual_array(const detail::call_input& input) {
  if (!input.arguments.empty() &&
      (*binding::any_reader(input.arguments, input.encoding.format)).peek() ==
          binding::value_kind::array) {
    return;
  }
  throw detail::call_binding_error("Reading array length for 'arguments' failed.");
}

task<std::string> hub_call::invoke(const detail::hub_method& method, detail::call_input& input) {
  require_array(input);
  if (filters_.empty()) return method.invoke(*hub_, input);
  return invoke_filtered(method, input);
}

task<std::string> hub_call::invoke_filtered(const detail::hub_method& method,
                                            detail::call_input& input) {
  filtered what(*hub_, method, input, nullptr);
  auto invoking = invoke_through(what, 0);
  auto result = co_await invoking;
  co_return std::move(result).encoded(input.encoding);
}

task<async_generator<std::string>> hub_call::stream(const detail::hub_method& method,
                                                    detail::call_input& input) {
  require_array(input);
  if (filters_.empty()) return method.stream(*hub_, input);
  return stream_filtered(method, input);
}

task<async_generator<std::string>> hub_call::stream_filtered(const detail::hub_method& method,
                                                             detail::call_input& input) {
  async_generator<std::string> made;
  filtered what(*hub_, method, input, &made);
  auto invoking = invoke_through(what, 0);
  co_await invoking;
  co_return made;
}

task<hub_result> hub_call::invoke_through(filtered& what, std::size_t filter) {
  if (filter == filters_.size()) return invoke_innermost(what);
  return filters_[filter]->invoke_method(
      what.invocation, [this, &what, filter] { return invoke_through(what, filter + 1); });
}

task<hub_result> hub_call::invoke_innermost(filtered& what) {
  what.input.arguments = what.invocation.encoded_arguments();
  hub_result result;
  if (what.made) {
    auto making = what.method.stream(*hub_, what.input);
    *what.made = co_await making;
  } else {
    auto invoking = what.method.invoke(*hub_, what.input);
    auto bytes = co_await invoking;
    result = hub_result(std::move(bytes), what.input.encoding);
  }
  co_return result;
}

void detail::refuse_arguments() {
  throw call_binding_error(
      "Error binding arguments. Make sure that the types of the provided values match the types of "
      "the hub method being invoked.");
}

void detail::refuse_argument_count(std::size_t provided, std::size_t expected) {
  throw call_binding_error("Invocation provides " + std::to_string(provided) +
                           " argument(s) but target expects " + std::to_string(expected) + ".");
}

}  // namespace saker::signalr
