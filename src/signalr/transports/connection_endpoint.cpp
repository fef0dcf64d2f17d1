#include "signalr/transports/connection_endpoint.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <saker/binding.hpp>

#include <saker/http/message/error.hpp>
#include <saker/websocket/manager.hpp>

#include "async/resume_on.hpp"
#include "signalr/transports/answers.hpp"
#include "signalr/transports/connection.hpp"
#include "signalr/transports/negotiation.hpp"
#include "signalr/transports/query.hpp"
#include "websocket/handshake/accept.hpp"

namespace saker::signalr {
namespace {

websocket_options make_websocket_options(const connection_options& options) {
  websocket_options result;
  result.keep_alive_interval = std::chrono::milliseconds(0);
  result.send_high_water_mark = options.transport_max_buffer_size;
  result.send_buffer_limit =
      std::max(result.send_buffer_limit, 2 * options.transport_max_buffer_size);
  result.receive_read_ahead = options.application_max_buffer_size;
  result.close_timeout = options.websocket_close_timeout;
  result.send_timeout = options.transport_send_timeout;
  return result;
}

std::size_t place_of(transport_type transport) noexcept {
  switch (transport) {
    case transport_type::server_sent_events: return 1;
    case transport_type::long_polling: return 2;
    default: return 0;
  }
}

bool accepts_events(const http_request& request) {
  const auto accepted = request.headers().list("Accept");
  return std::any_of(accepted.begin(), accepted.end(), [](std::string_view each) {
    each = each.substr(0, each.find(';'));
    while (each.ends_with(' ')) each.remove_suffix(1);
    return equals_ignoring_case(each, "text/event-stream");
  });
}

}  // namespace

connection_endpoint::connection_endpoint(connection_options options)
    : options_(std::move(options)), websocket_options_(make_websocket_options(options_)) {
  options_.validate();
  websocket_options_.validate();
}

std::shared_ptr<connection> connection_endpoint::create(bool with_own_token, bool reconnect) {
  auto id = make_connection_id();
  auto token = with_own_token ? make_connection_id() : std::string();
  auto made = std::make_shared<connection>(*this, std::move(id), std::move(token), reconnect);
  {
    const std::scoped_lock lock(mutex_);
    connections_.emplace(made->token(), made);
  }
  begin_waiting(made);
  return made;
}

void connection_endpoint::begin_waiting(const std::shared_ptr<connection>& which) {
  std::shared_ptr<connection> too_many;
  {
    const std::scoped_lock lock(mutex_);
    if (!which->waiting_place) which->waiting_place = waiting_.insert(waiting_.end(), which);
    if (waiting_.size() <= options_.maximum_waiting_connections) return;
    too_many = waiting_.front().lock();
    waiting_.pop_front();
    if (too_many) too_many->waiting_place.reset();
  }
  if (too_many) too_many->abort_from_anywhere();
}

void connection_endpoint::end_waiting(connection& which) noexcept {
  const std::scoped_lock lock(mutex_);
  if (!which.waiting_place) return;
  waiting_.erase(*which.waiting_place);
  which.waiting_place.reset();
}

std::shared_ptr<connection> connection_endpoint::find(std::string_view token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(token);
  return found == connections_.end() ? nullptr : found->second;
}

void connection_endpoint::remove(const connection& gone) noexcept {
  std::shared_ptr<connection> last;  // Destroyed without the lock.
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(gone.token());
  if (found == connections_.end()) return;
  last = std::move(found->second);
  connections_.erase(found);
}

/// True when the request was answered so.
bool connection_endpoint::refuse_unauthorized(http_context& context) const {
  const auto& user = context.user();
  const bool allowed = std::all_of(options_.authorization.begin(), options_.authorization.end(),
                                   [&](const auto& policy) { return policy(user); });
  if (allowed) return false;
  context.response().set_status(user.is_authenticated() ? 403 : 401);
  return true;
}

task<void> connection_endpoint::answer_negotiate(http_context& context) {
  auto& request = context.request();
  if (request.method() != "POST") return refuse_method(context, "POST");
  if (refuse_unauthorized(context)) return {};
  const auto version = find_query_value(request.query_string(), "negotiateVersion");
  const auto reconnect = find_query_value(request.query_string(), "useStatefulReconnect");
  const auto agreed = negotiate({version, reconnect}, options_);
  std::string body;
  if (agreed.error.empty()) {
    const auto made = create(agreed.version > 0, agreed.stateful_reconnect);
    const auto lifetime =
        options_.enable_authentication_refresh ? lifetime_of(context.user()) : std::nullopt;
    body = to_body(agreed, made->id(), made->token(), options_.transports, lifetime);
  } else {
    body = to_body(agreed, {}, {}, options_.transports);
  }
  return context.response().send(body, "application/json");
}

namespace {

/// Why newer credentials are not taken, as .NET 11 says it.
struct refresh_refusal {
  int status = 0;
  const char* error = "";
  const char* description = "";
};

refresh_refusal refusal_of(refresh_result result) {
  switch (result) {
    case refresh_result::taken: return {};
    case refresh_result::other_user:
      return {403, "user_mismatch", "The credentials are those of another user."};
    case refresh_result::refused: break;
  }
  return {403, "refresh_refused", "The server does not take the credentials."};
}

task<void> answer_json(http_context& context, int status, const nlohmann::ordered_json& body) {
  context.response().set_status(status);
  return context.response().send(body.dump(), "application/json");
}

}  // namespace

task<void> connection_endpoint::answer_refresh(http_context& context) {
  if (context.request().method() != "POST") return refuse_method(context, "POST");
  if (refuse_unauthorized(context)) return {};
  return refresh(context);
}

task<void> connection_endpoint::refresh(http_context& context) {
  // .NET's client keeps the token out of the address.
  std::string token(context.request().headers().get("X-SignalR-Connection-Token"));
  if (auto named = find_query_value(context.request().query_string(), "id"))
    token = std::move(*named);
  const refresh_refusal unknown{404, "connection_not_found", "No Connection with that ID"};
  refresh_refusal refused;
  std::shared_ptr<connection> on;
  if (token.empty()) {
    refused = {400, "missing_connection_token", "Connection ID required"};
  } else if (!context.user().is_authenticated()) {
    refused = {401, "invalid_token", "The request has no valid credentials."};
  } else {
    on = find(token);
    refused = on ? refused : unknown;
  }
  const auto user = context.shared_user();
  if (on) {
    auto entering = on->enter();
    co_await entering;
    const bool is_there = on->has_started() && !on->is_disposed();
    refused = is_there ? refusal_of(on->refresh_user(user)) : unknown;
    async::resume_on back(&context.loop());
    co_await back;
  }
  nlohmann::ordered_json body;
  if (refused.status != 0) {
    body = {{"error", refused.error}, {"error_description", refused.description}};
  } else {
    const auto now = std::chrono::floor<binding::ticks>(std::chrono::system_clock::now());
    body = {{"connectionId", on->id()},
            {"refreshedAt", nlohmann::ordered_json::parse(
                                binding::to_json_text(binding::date_time_offset{now, {}}))}};
    const auto lifetime = lifetime_of(*user);
    if (lifetime) body["tokenLifetimeSeconds"] = lifetime->count();
  }
  auto answering = answer_json(context, refused.status == 0 ? 200 : refused.status, body);
  co_await answering;
}

task<void> connection_endpoint::answer(http_context& context) {
  const auto method = context.request().method();
  if (method != "GET" && method != "POST" && method != "DELETE" && method != "CONNECT") {
    return refuse_method(context, "GET, POST, DELETE");
  }
  if (refuse_unauthorized(context)) return {};
  if (method == "POST") return receive_post(context);
  if (method == "DELETE") return terminate(context);
  if (method == "GET" && accepts_events(context.request())) return serve_events(context);
  context.set_websocket_defaults(&websocket_options_);
  if (context.websockets().is_websocket_request()) return serve_websocket(context);
  websockets::require_known_version(context.request());
  if (method == "CONNECT") return refuse_method(context, "GET, POST, DELETE");
  return serve_poll(context);
}

std::shared_ptr<connection> connection_endpoint::require_connection(http_context& context) const {
  const auto token = find_query_value(context.request().query_string(), "id");
  if (!token || token->empty()) throw refusal{400, "Connection ID required"};
  auto found = find(*token);
  if (!found) throw refusal{404, "No Connection with that ID"};
  return found;
}

task<void> connection_endpoint::terminate(http_context& context) {
  refusal failed;
  try {
    const auto on = require_connection(context);
    {
      auto entering = on->enter();
      co_await entering;
    }
    if (on->transport() == transport_type::long_polling) {
      on->terminate();
    } else {
      failed = {400, "Cannot terminate this connection using the DELETE endpoint."};
    }
  } catch (const refusal& why) {
    failed = why;
  }
  async::resume_on back(&context.loop());
  co_await back;
  if (failed.status == 0) failed.status = 202;
  auto answering = answer_text(context, failed.status, failed.text);
  co_await answering;
}

task<void> connection_endpoint::receive_post(http_context& context) {
  refusal failed{200, {}};
  std::shared_ptr<connection> on;
  try {
    on = require_connection(context);
  } catch (const refusal& why) {
    failed = why;
  }
  async::resume_on back(&context.loop());
  if (on) {
    {
      auto entering = on->enter();
      co_await entering;
    }
    if (on->is_disposed()) {
      failed = {404, {}};
    } else if (on->transport() == transport_type::websockets) {
      context.response().headers().set("Allow", "GET, DELETE");
      failed = {405, "POST requests are not allowed for WebSocket connections."};
    } else {
      auto locking = on->input().take_turn();
      co_await locking;
      std::exception_ptr lost;
      try {
        auto taking = take_body(context, *on);
        if (!co_await taking) failed = {404, {}};
      } catch (...) {
        lost = std::current_exception();
      }
      auto entering = on->enter();
      co_await entering;
      on->input().give_back_turn();
      co_await back;
      if (lost) std::rethrow_exception(lost);
    }
    co_await back;
  }
  auto answering = answer_text(context, failed.status, failed.text);
  co_await answering;
}

/// False: the connection takes nothing any more. Ends on either loop.
task<bool> connection_endpoint::take_body(http_context& context, connection& on) {
  async::resume_on back(&context.loop());
  std::array<std::byte, 4096> buffer;
  for (;;) {
    co_await back;
    auto reading = context.request().read(buffer);
    const auto count = co_await reading;
    auto entering = on.enter();
    co_await entering;
    if (count == 0) co_return true;
    if (on.input().is_finished()) co_return false;
    on.input().append(std::span(buffer).first(count));
    auto room = on.input().room();
    co_await room;
  }
}

void connection_endpoint::count_begin(transport_type transport) noexcept {
  auto& counted = counters_[place_of(transport)];
  counted.begun.fetch_add(1, std::memory_order_relaxed);
  counted.active.fetch_add(1, std::memory_order_relaxed);
}

void connection_endpoint::count_end(transport_type transport, connection_end how,
                                    std::chrono::nanoseconds duration) noexcept {
  auto& counted = counters_[place_of(transport)];
  counted.active.fetch_sub(1, std::memory_order_relaxed);
  counted.ended[static_cast<std::size_t>(how)].fetch_add(1, std::memory_order_relaxed);
  counted.nanoseconds.fetch_add(static_cast<std::uint64_t>(duration.count()),
                                std::memory_order_relaxed);
}

connection_metrics connection_endpoint::metrics() const noexcept {
  connection_metrics all;
  const std::array targets{&all.websockets, &all.server_sent_events, &all.long_polling};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& from = counters_[i];
    targets[i]->begun = from.begun.load(std::memory_order_relaxed);
    targets[i]->active = from.active.load(std::memory_order_relaxed);
    for (std::size_t how = 0; how < from.ended.size(); ++how) {
      targets[i]->ended[how] = from.ended[how].load(std::memory_order_relaxed);
    }
    targets[i]->duration =
        std::chrono::nanoseconds(from.nanoseconds.load(std::memory_order_relaxed));
  }
  all.messages_dropped = dropped_.load(std::memory_order_relaxed);
  return all;
}

}  // namespace saker::signalr
