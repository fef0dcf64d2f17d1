#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

#include "async/resume_on.hpp"
#include "signalr/hub/hub_call.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"

namespace saker::signalr {
namespace {

/// What a running call takes besides its arguments: the coroutines, the hub, its own streams' ends.
constexpr std::size_t call_cost = 4'096;
constexpr std::size_t stream_cost = 1'024;

/// The arguments count as the values of C++ that they become.
std::size_t cost_of_call(const hub_message& message, const detail::hub_method& method) noexcept {
  auto cost = call_cost + message.invocation_id.size() + message.value.size() +
              message.value_count * method.value_size;
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

/// Of a method that is called by itself: no stream, no stream of the client.
bool is_plain(const hub_message& message, const detail::hub_method& method) noexcept {
  return message.type == message_type::invocation && !method.is_streaming() &&
         message.stream_ids.empty();
}

}  // namespace

/// What a client may cancel: a call of a method that takes a stop_token, for as long as it runs.
class hub_connection::cancellation {
 public:
  cancellation(hub_connection& on, const hub_message& call, const detail::hub_method& method)
      : on_(on) {
    if (!method.takes_stop || call.invocation_id.empty()) return;
    const auto [place, is_new] = on.streams_.down().emplace(call.invocation_id, std::stop_source());
    if (!is_new) return;  // Something else runs that has the id: that is what it cancels.
    place_ = place;
    when_closed_.emplace(on.on().closed(), request{place->second});
  }
  cancellation(const cancellation&) = delete;
  cancellation& operator=(const cancellation&) = delete;
  ~cancellation() {
    when_closed_.reset();
    if (place_) on_.streams_.down().erase(*place_);
  }

  std::stop_token token() const {
    return place_ ? (*place_)->second.get_token() : on_.on().closed();
  }

 private:
  struct request {
    std::stop_source stop;
    void operator()() { stop.request_stop(); }
  };

  hub_connection& on_;
  std::optional<open_streams::downloads::iterator> place_;
  std::optional<std::stop_callback<request>> when_closed_;
};

binding::encoding hub_connection::encoding() const noexcept {
  const auto& hub = endpoint_.hub();
  const auto format = protocol().values();
  return {format, format == binding::value_format::json ? hub.json_values : hub.messagepack_values};
}

void hub_connection::begin_invocation(hub_message& message) {
  message.headers.clear();  // No call has a use for them.
  const auto* const method = endpoint_.find_method(message.target);
  if (!method) {
    const auto unknown = std::make_exception_ptr(hub_error("Method does not exist."));
    complete_with_error(message, error_text(failed_to_invoke(message.target), unknown));
    return;
  }
  const bool takes_slot = is_plain(message, *method);
  const auto cost = cost_of_call(message, *method);
  // A call that has a slot may give it back.
  if (!budget_.has_room_beside(takes_slot ? call_cost : cost,
                               endpoint_.hub().stream_memory_limit)) {
    complete_with_error(message,
                        failed_to_invoke(message.target) + " Too many calls of this client run.");
    return;
  }
  if (takes_slot && method->now && endpoint_.hub().filters.empty()) {
    answer_now(message, *method, cost);
    return;
  }
  const auto kind = takes_slot ? invocation_slot::kind::counted : invocation_slot::kind::beside;
  loop().state().start(run_invocation(std::move(message), *method, take_slot(kind, cost)));
}

std::shared_ptr<invocation_slot> hub_connection::take_slot(invocation_slot::kind what,
                                                           std::size_t cost) {
  auto slot = invocation_slot::take();
  slot->begin(shared_from_this(), what, cost);
  return slot;
}

task<void> hub_connection::run_invocation(hub_message message, const detail::hub_method& method,
                                          std::shared_ptr<invocation_slot> slot) {
  const auto self = shared_from_this();  // The call may be the last that holds it.
  const async::activity running(loop().state(), call_work, method.name);
  try {
    hub_call call(*this, endpoint_, std::move(slot));
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
    complete_with_error(message, failure_text(message, method));
  }
}

void hub_connection::log_failure(const detail::hub_method& method,
                                 const std::exception_ptr& error) const {
  endpoint_.log_failure("The hub method '" + method.name + "' failed: ", error);
}

/// Why the call is refused before anything of it is used, or nothing.
std::string hub_connection::refusal_of(const hub_message& message,
                                       const detail::hub_method& method) const {
  const auto& user = *on().user();
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
    auto stream = std::make_shared<upload_queue>(endpoint_.hub().stream_buffer_capacity,
                                                 protocol().values(), weak_from_this());
    input.streams.push_back(stream);
    if (!streams_.up().emplace(id, stream).second) {
      stream->complete("Stream ID '" + id + "' is already in use.");
    }
  }
}

/// The streams of a call end with it; what comes for them later is ignored.
void hub_connection::close_uploads(const hub_message& message, const detail::call_input& input) {
  for (std::size_t i = 0; i < message.stream_ids.size(); ++i) {
    auto& stream = static_cast<upload_queue&>(*input.streams[i]);
    auto& uploads = streams_.up();
    const auto found = uploads.find(message.stream_ids[i]);
    if (found != uploads.end() && found->second.get() == &stream) uploads.erase(found);
    stream.discard();
  }
}

/// A method that does not wait needs no coroutine.
void hub_connection::answer_now(hub_message& message, const detail::hub_method& method,
                                std::size_t cost) {
  // One string for all results of a thread, which keeps its memory while they are small. A method
  // that runs another loop, with hubs of its own, leaves them an empty one.
  static thread_local std::string spare;
  constexpr std::size_t kept = 64 * 1024;
  auto result = std::move(spare);
  result.clear();
  auto error = refusal_of(message, method);
  if (error.empty()) {
    try {
      hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::counted, cost));
      detail::call_input input{encoding(), message.value, {}, on().closed()};
      call.invoke_now(method, input, result);
    } catch (...) {
      error = failure_text(message, method);
    }
  }
  if (!error.empty()) {
    complete_with_error(message, std::move(error));
  } else {
    complete(message, result);
  }
  if (result.capacity() <= kept) spare = std::move(result);
}

/// What a client is told of the exception that is being handled; the log is told, too.
std::string hub_connection::failure_text(const hub_message& message,
                                         const detail::hub_method& method) const {
  const auto failed = std::current_exception();
  try {
    throw;
  } catch (const detail::call_binding_error& binding) {
    return error_text(failed_to_invoke(message.target), invalid_data(binding.what()));
  } catch (...) {
    log_failure(method, failed);
    return error_text(failed_invoking(message.target), failed);
  }
}

task<void> hub_connection::answer_call(hub_call& call, hub_message& message,
                                       const detail::hub_method& method) {
  const cancellation cancelled(*this, message, method);
  detail::call_input input{encoding(), message.value, {}, cancelled.token()};
  open_uploads(message, input);
  std::string result;
  std::string error;
  try {
    auto invoking = call.invoke(method, input);
    result = co_await invoking;
  } catch (...) {
    error = failure_text(message, method);
  }
  close_uploads(message, input);
  if (!error.empty()) {
    complete_with_error(message, std::move(error));
  } else {
    complete(message, result);
  }
  call.slot().end();
}

task<void> hub_connection::answer_stream(hub_call& call, hub_message& message,
                                         const detail::hub_method& method) {
  std::stop_source stop;
  if (!streams_.down().emplace(message.invocation_id, stop).second) {
    complete_with_error(message,
                        "Invocation ID '" + message.invocation_id + "' is already in use.");
    co_return;
  }
  detail::call_input input{encoding(), message.value, {}, stop.get_token()};
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
  } catch (...) {
    if (!streaming) {
      // Being cancelled is no error.
      error = stop.stop_requested()
                  ? error_text(failed_invoking(message.target), std::current_exception())
                  : failure_text(message, method);
    } else if (!stop.stop_requested()) {
      log_failure(method, std::current_exception());
      error = error_text("An error occurred on the server while streaming results.",
                         std::current_exception());
    }
  }
  close_uploads(message, input);
  streams_.down().erase(message.invocation_id);
  complete_stream(message, std::move(error));
}

task<void> hub_connection::send_items(async_generator<std::string> items,
                                      const hub_message& message, std::stop_token stop) {
  hub_message item{.type = message_type::stream_item, .invocation_id = message.invocation_id};
  // A generator that never waits must not have the loop for itself, least of all for nobody.
  constexpr std::size_t items_at_once = 64;
  for (std::size_t sent = 0; !stop.stop_requested(); ++sent) {
    auto asking = items.next();
    const auto value = co_await asking;
    if (!value || stop.stop_requested()) break;
    item.value = *value;
    out_.write(item);
    if (out_.congested()) {
      auto waiting = room();
      co_await waiting;
    } else if (sent % items_at_once == items_at_once - 1) {
      async::next_turn later(loop());
      co_await later;
    }
  }
}

void hub_connection::complete(hub_message& call, std::string_view result) {
  call.error.reset();
  call.value = result;
  call.has_result = true;
  answer(call);
}

void hub_connection::complete_with_error(hub_message& call, std::string error) {
  call.error = std::move(error);
  call.value = {};
  call.has_result = false;
  answer(call);
}

void hub_connection::complete_stream(hub_message& call, std::string error) {
  call.error.reset();
  if (!error.empty()) call.error = std::move(error);
  call.value = {};
  call.has_result = false;
  answer(call);
}

/// A call becomes its own answer.
void hub_connection::answer(hub_message& call) {
  if (call.invocation_id.empty()) return;
  call.type = message_type::completion;
  call.target.clear();
  call.stream_ids.clear();
  out_.write(call);
}

}  // namespace saker::signalr
