#include <algorithm>
#include <utility>

#include "core/resume_on.hpp"
#include "signalr/cost.hpp"
#include "signalr/hub_call.hpp"
#include "signalr/hub_connection.hpp"
#include "signalr/hub_endpoint.hpp"

namespace saker::signalr {
namespace {

constexpr core::work_kind call_work{"hub call", "hub calls", true};

/// What a running call takes besides its arguments: the coroutines, the hub, its own streams' ends.
constexpr std::size_t call_cost = 4'096;
constexpr std::size_t stream_cost = 1'024;

std::size_t cost_of_call(const hub_message& message) noexcept {
  auto cost = call_cost + message.invocation_id.size() + cost_of(message.value);
  for (const auto& each : message.stream_ids) cost += stream_cost + each.size();
  return cost;
}

std::string failed_to_invoke(std::string_view target) {
  return "Failed to invoke '" + std::string(target) + "' due to an error on the server.";
}

std::string failed_invoking(std::string_view target) {
  return "An unexpected error occurred invoking '" + std::string(target) + "' on the server.";
}

/// For the detailed error text.
std::exception_ptr invalid_data(const std::string& text) {
  return std::make_exception_ptr(protocol_error(text));
}

}  // namespace

void hub_connection::begin_invocation(hub_message& message) {
  const auto* const method = endpoint_.find_method(message.target);
  std::exception_ptr wrong;
  if (!method) {
    wrong = std::make_exception_ptr(hub_error("Method does not exist."));
  } else if (message.value.size() != method->arguments) {
    wrong =
        invalid_data("Invocation provides " + std::to_string(message.value.size()) +
                     " argument(s) but target expects " + std::to_string(method->arguments) + ".");
  }
  if (wrong) {
    complete_with_error(message, error_text(failed_to_invoke(message.target), wrong));
    return;
  }
  const bool takes_slot = message.type == message_type::invocation && !method->is_streaming() &&
                          message.stream_ids.empty();
  message.headers.clear();  // No call has a use for them.
  const auto cost = cost_of_call(message);
  if (!has_room_beside(takes_slot ? call_cost : cost)) {
    complete_with_error(message,
                        failed_to_invoke(message.target) + " Too many calls of this client run.");
    return;
  }
  const auto kind = takes_slot ? invocation_slot::kind::counted : invocation_slot::kind::beside;
  loop().state().start(run_invocation(std::move(message), *method, take_slot(kind, cost)));
}

std::shared_ptr<invocation_slot> hub_connection::take_slot(invocation_slot::kind what,
                                                           std::size_t cost) {
  auto slot = std::move(spare_slot_);
  // Whoever has kept a proxy of an earlier call has kept that call's slot.
  if (!slot || slot.use_count() != 1) slot = std::make_shared<invocation_slot>(*this);
  slot->begin(shared_from_this(), what, cost);
  return slot;
}

/// Whether one more call may run that takes no slot. Those that have a slot may give it back.
bool hub_connection::has_room_beside(std::size_t cost) const noexcept {
  return beside_ == 0 || beside_ + cost <= endpoint_.hub().stream_memory_limit;
}

task<void> hub_connection::run_invocation(hub_message message, const detail::hub_method& method,
                                          std::shared_ptr<invocation_slot> slot) {
  const auto self = shared_from_this();  // The call may be the last that holds it.
  const core::activity running(loop().state(), call_work, method.name);
  std::exception_ptr failed;
  try {
    hub_call call(*this, endpoint_, slot);
    const auto refused = refusal_of(message, method);
    if (!refused.empty()) {
      complete_with_error(message, refused);
    } else if (method.is_streaming()) {
      auto answering = answer_stream(call, message, method);
      co_await answering;
    } else {
      auto answering = answer_call(call, message, method);
      co_await answering;
    }
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    // The hub object could not be made.
    log_failure(method, failed);
    complete_with_error(message, error_text(failed_invoking(message.target), failed));
  }
  slot->end();
  spare_slot_ = std::move(slot);
}

void hub_connection::log_failure(const detail::hub_method& method,
                                 const std::exception_ptr& error) const {
  endpoint_.log_failure("The hub method '" + method.name + "' failed: ", error);
}

/// Why the call is refused before anything of it is used, or nothing.
std::string hub_connection::refusal_of(const hub_message& message,
                                       const detail::hub_method& method) const {
  const auto& user = *on_->user();
  const bool allowed = std::all_of(method.authorization.begin(), method.authorization.end(),
                                   [&](const auto& policy) { return policy(user); });
  if (!allowed) return "Failed to invoke '" + message.target + "' because user is unauthorized";
  const bool wants_stream = message.type == message_type::stream_invocation;
  if (wants_stream != method.is_streaming()) {
    return wants_stream ? "The client attempted to invoke the non-streaming '" + message.target +
                              "' method with a streaming invocation."
                        : "The client attempted to invoke the streaming '" + message.target +
                              "' method with a non-streaming invocation.";
  }
  if (message.stream_ids.size() != method.streams) {
    return error_text(
        failed_invoking(message.target),
        std::make_exception_ptr(
            hub_error("Client sent " + std::to_string(message.stream_ids.size()) +
                      " stream(s), Hub method expects " + std::to_string(method.streams) + ".")));
  }
  return {};
}

void hub_connection::open_uploads(const hub_message& message, detail::call_input& input) {
  for (const auto& id : message.stream_ids) {
    auto stream =
        std::make_shared<upload_queue>(endpoint_.hub().stream_buffer_capacity, weak_from_this());
    input.streams.push_back(stream);
    if (!uploads_.emplace(id, stream).second) {
      stream->complete("Stream ID '" + id + "' is already in use.");
    }
  }
}

/// The streams of a call end with it; what comes for them later is ignored.
void hub_connection::close_uploads(const hub_message& message, const detail::call_input& input) {
  for (std::size_t i = 0; i < message.stream_ids.size(); ++i) {
    auto& stream = static_cast<upload_queue&>(*input.streams[i]);
    const auto found = uploads_.find(message.stream_ids[i]);
    if (found != uploads_.end() && found->second.get() == &stream) uploads_.erase(found);
    stream.discard();
  }
}

task<void> hub_connection::answer_call(hub_call& call, hub_message& message,
                                       const detail::hub_method& method) {
  detail::call_input input{std::move(message.value.get_ref<json::array_t&>()), {}, on_->closed()};
  open_uploads(message, input);
  json result;
  std::string error;
  try {
    auto invoking = call.invoke(method, input);
    result = co_await invoking;
  } catch (const detail::binding_error& binding) {
    error = error_text(failed_to_invoke(message.target), invalid_data(binding.what()));
  } catch (...) {
    const auto failed = std::current_exception();
    log_failure(method, failed);
    error = error_text(failed_invoking(message.target), failed);
  }
  close_uploads(message, input);
  if (!error.empty()) {
    complete_with_error(message, std::move(error));
  } else {
    complete(message, std::move(result));
  }
  call.slot().end();
}

task<void> hub_connection::answer_stream(hub_call& call, hub_message& message,
                                         const detail::hub_method& method) {
  std::stop_source stop;
  if (!streams_.emplace(message.invocation_id, stop).second) {
    complete_with_error(message,
                        "Invocation ID '" + message.invocation_id + "' is already in use.");
    co_return;
  }
  detail::call_input input{
      std::move(message.value.get_ref<json::array_t&>()), {}, stop.get_token()};
  open_uploads(message, input);
  std::string error;
  bool streaming = false;
  try {
    auto making = call.stream(method, input);
    auto items = co_await making;
    if (items) {
      streaming = true;
      auto sending = send_items(std::move(items), message, stop.get_token());
      co_await sending;
    } else {
      error = "The value returned by the streaming method '" + method.name +
              "' is not a ChannelReader<> or IAsyncEnumerable<>.";
    }
  } catch (const detail::binding_error& binding) {
    error = error_text(failed_to_invoke(message.target), invalid_data(binding.what()));
  } catch (...) {
    // Being cancelled is no error.
    if (!stop.stop_requested()) log_failure(method, std::current_exception());
    if (!streaming) {
      error = error_text(failed_invoking(message.target), std::current_exception());
    } else if (!stop.stop_requested()) {
      error = error_text("An error occurred on the server while streaming results.",
                         std::current_exception());
    }
  }
  close_uploads(message, input);
  streams_.erase(message.invocation_id);
  complete_stream(message, std::move(error));
}

task<void> hub_connection::send_items(async_generator<json> items, const hub_message& message,
                                      std::stop_token stop) {
  hub_message item{.type = message_type::stream_item, .invocation_id = message.invocation_id};
  // A generator that never waits must not have the loop for itself, least of all for nobody.
  constexpr std::size_t items_at_once = 64;
  for (std::size_t sent = 0; !stop.stop_requested(); ++sent) {
    auto asking = items.next();
    auto value = co_await asking;
    if (!value || stop.stop_requested()) break;
    item.value = std::move(*value);
    write(item);
    if (congested()) {
      auto waiting = room();
      co_await waiting;
    } else if (sent % items_at_once == items_at_once - 1) {
      core::next_turn later(loop());
      co_await later;
    }
  }
}

void hub_connection::complete(const hub_message& call, json result) {
  if (call.invocation_id.empty()) return;
  hub_message message{.type = message_type::completion, .invocation_id = call.invocation_id};
  message.value = std::move(result);
  message.has_result = true;
  write(message);
}

void hub_connection::complete_with_error(const hub_message& call, std::string error) {
  if (call.invocation_id.empty()) return;
  hub_message message{.type = message_type::completion, .invocation_id = call.invocation_id};
  message.error = std::move(error);
  write(message);
}

void hub_connection::complete_stream(const hub_message& call, std::string error) {
  hub_message message{.type = message_type::completion, .invocation_id = call.invocation_id};
  if (!error.empty()) message.error = std::move(error);
  write(message);
}

}  // namespace saker::signalr
