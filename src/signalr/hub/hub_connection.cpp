#include "signalr/hub/hub_connection.hpp"

#include <algorithm>
#include <utility>

#include <saker/signalr/hub/filter.hpp>

#include "signalr/hub/audience.hpp"
#include "signalr/hub/hub_call.hpp"
#include "signalr/hub/hub_endpoint.hpp"
#include "signalr/protocol/handshake.hpp"
#include "signalr/transports/transport_traits.hpp"

namespace saker::signalr {

hub_connection::hub_connection(hub_endpoint& endpoint, std::shared_ptr<connection> on)
    : endpoint_(endpoint),
      out_(endpoint, std::move(on)),
      in_(endpoint.hub().maximum_receive_message_size),
      budget_(endpoint.hub().maximum_parallel_invocations_per_client) {}

std::string hub_connection::error_text(std::string_view message,
                                       const std::exception_ptr& error) const {
  return signalr::error_text(message, error, endpoint_.hub().enable_detailed_errors);
}

/// The frame lives as long as the connection: what only the beginning and the end need is apart.
task<void> hub_connection::run(std::shared_ptr<hub_connection> client) {
  {
    auto beginning = client->begin();
    if (!co_await beginning) co_return;
  }
  if (!client->membership_.is_refused()) {
    std::exception_ptr failed;
    try {
      // At first what came right behind the handshake.
      for (std::size_t handled = 0;;) {
        {
          auto handling = client->handle_received(handled);
          co_await handling;
        }
        if (client->is_ended()) break;
        client->begin_waiting();
        auto asking = client->on().input().next();
        if (!client->take_input(co_await asking)) break;
      }
      auto handling = client->handle_rest();
      co_await handling;
    } catch (...) {
      failed = std::current_exception();
    }
    client->end(std::move(failed), true);
    client->close(client->ending_.may_return());
  }
  auto leaving = client->leave();
  co_await leaving;
}

/// False: it ended before it was a client.
task<bool> hub_connection::begin() {
  auto shaking = shake_hands();
  if (!co_await shaking) co_return false;
  out_.begin_pinging();
  on().set_application(this);
  // It may have come while the server was stopping already.
  if (loop().state().is_stopping()) on_close_requested();
  membership_.begin_entering();
  if (in_.reads_on()) {
    // The Acks must be read that make room for what `on_connected` sends.
    loop().state().start(enter_beside(shared_from_this()));
  } else {
    auto entering = enter_hub();
    co_await entering;
  }
  co_return true;
}

task<void> hub_connection::leave() {
  while (membership_.is_entering()) {
    auto waiting = in_.room();
    co_await waiting;
  }
  streams_.stop();
  if (membership_.has_entered()) {
    auto leaving = leave_hub();
    co_await leaving;
  }
  auto leaving = endpoint_.manager().on_disconnected(shared_from_this());
  co_await leaving;
  on().set_application(nullptr);
}

// The handshake.

task<bool> hub_connection::shake_hands() {
  async::deadline limit(&hub_connection::on_handshake_timeout, this);
  limit.set(loop().state().deadlines(), endpoint_.hub().handshake_timeout);
  std::string error = "Handshake was canceled.";
  for (;;) {
    auto asking = on().input().next();
    const auto data = co_await asking;
    if (data.empty()) {
      if (!is_ended()) co_return false;
      break;
    }
    on().input().take_anew();
    in_.assembly().feed({reinterpret_cast<const char*>(data.data()), data.size()});
    std::optional<std::string_view> request;
    try {
      // Whatever protocol it asks for, a handshake is framed like JSON.
      request = in_.assembly().next(json_protocol());
    } catch (const protocol_error&) {
      break;
    }
    if (request) error = accept_handshake(*request);
    in_.assembly().keep();
    if (request) break;
  }
  const auto answer = handshake_response(error);
  on().output().write(std::as_bytes(std::span(answer)), on().message_type());
  const bool accepted = error.empty();
  co_return accepted;
}

void hub_connection::on_handshake_timeout(void* self) {
  auto& timed_out = *static_cast<hub_connection*>(self);
  timed_out.ending_.begin(hub_ending::side::server, nullptr, true);
  timed_out.on().input().finish();
}

/// Gives what is wrong with it, or nothing.
std::string hub_connection::accept_handshake(std::string_view text) {
  handshake_request request;
  try {
    request = parse_handshake(text);
  } catch (const protocol_error&) {
    return error_text("An unexpected error occurred during connection handshake.",
                      std::current_exception());
  }
  const auto* const found = endpoint_.find_protocol(request.protocol);
  if (!found) return "The protocol '" + request.protocol + "' is not supported.";
  if (!found->how->is_version_supported(request.version)) {
    return "The server does not support version " + std::to_string(request.version) + " of the '" +
           request.protocol + "' protocol.";
  }
  if (!carries(on().transport(), found->how->format())) {
    return "Cannot use the '" + std::string(found->how->name()) +
           "' protocol on the current transport. The transport does not support 'Binary' transfer "
           "format.";
  }
  try {
    user_id_ = user_id_of(*on().user());
  } catch (...) {
    endpoint_.log_failure("A hub's user_id_provider failed: ", std::current_exception());
    return error_text("An unexpected error occurred during connection handshake.",
                      std::current_exception());
  }
  out_.speak(*found);
  on().set_format(found->how->format());
  // Only a WebSocket comes back.
  if (request.version < 2 || on().transport() != transport_type::websockets) {
    on().disable_reconnect();
  } else if (on().allows_reconnect()) {
    out_.begin_keeping(*this);
    in_.read_on();
  }
  return {};
}

// The user.

std::string hub_connection::user_id_of(const claims_principal& user) const {
  const auto& provider = endpoint_.hub().user_id_provider;
  return provider ? provider(user, on().request()) : std::string(user.name_identifier());
}

bool hub_connection::is_same_user(const claims_principal& user) {
  return user_id_of(user) == user_id_;
}

void hub_connection::on_user_refreshed() {
  if (is_ended()) return;
  if (refreshes_ == refreshes::none) {
    loop().state().start(tell_of_refresh());
  } else {
    refreshes_ = refreshes::again;
  }
}

/// One after the other: the last one is told.
task<void> hub_connection::tell_of_refresh() {
  const auto self = shared_from_this();
  const async::activity running(loop().state(), call_work, "on_authentication_refreshed");
  do {
    refreshes_ = refreshes::being_told;
    try {
      hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::beside, 0));
      auto telling = call.refreshed();
      co_await telling;
    } catch (...) {
      endpoint_.log_failure("A hub's on_authentication_refreshed failed: ",
                            std::current_exception());
    }
  } while (refreshes_ == refreshes::again && !is_ended());
  refreshes_ = refreshes::none;
}

// Its life.

void hub_connection::take(const broadcast& what, room_request& room) { send(what.message, room); }

task<void> hub_connection::room() {
  while (out_.congested() && !is_ended()) {
    room_request room(patience::for_each);
    on().output().hold_until_room(room);
    const auto source = room.let_go();
    co_await source;
  }
}

task<void> hub_connection::enter_beside(std::shared_ptr<hub_connection> keep) {
  auto entering = keep->enter_hub();
  co_await entering;
  in_.make_way();
  in_.make_room();
}

task<void> hub_connection::enter_hub() {
  std::exception_ptr failed;
  const auto* what = "A connection could not be made known: ";
  try {
    auto reached = endpoint_.manager().on_connected(shared_from_this());
    co_await reached;
    what = "A hub's on_connected failed: ";
    hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::connecting, 0));
    auto connecting = call.connect(0);
    co_await connecting;
  } catch (...) {
    failed = std::current_exception();
    endpoint_.log_failure(what, failed);
  }
  membership_.end_entering(!failed);
  if (!failed) co_return;
  ending_.set_reason(failed);
  close(false);
  end(failed, false);
}

task<void> hub_connection::leave_hub() {
  try {
    hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::beside, 0));
    auto disconnecting = call.disconnect(ending_.why(), 0);
    co_await disconnecting;
  } catch (...) {
    endpoint_.log_failure("A hub's on_disconnected failed: ", std::current_exception());
  }
}

/// The last message of the hub protocol.
void hub_connection::close(bool allow_reconnect) {
  if (out_.close()) send_close(allow_reconnect);
}

void hub_connection::send_close(bool allow_reconnect) {
  hub_message message{.type = message_type::close};
  if (ending_.why() && !ending_.is_by_client()) {
    message.error = error_text("Connection closed with an error.", ending_.why());
  }
  message.allow_reconnect = allow_reconnect;
  on().disable_reconnect();
  out_.write_close(message);
}

void hub_connection::end(hub_ending::side by, std::exception_ptr error, bool allow_reconnect) {
  if (is_ended()) return;
  const auto self = shared_from_this();  // What wakes may be the last that holds it.
  ending_.begin(by, std::move(error), allow_reconnect);
  on().input().finish();
  wake_receiving();
  // Its methods, also on_connected, learn of it now.
  on().signal_closed();
}

void hub_connection::abort() {
  if (is_ended()) return;
  close(false);  // Now: nothing that is sent from here on arrives.
  end(nullptr, false);
}

void hub_connection::on_cut_off(const char* why) {
  // Nothing comes behind the gap but the Close.
  if (!out_.close()) return;
  ending_.set_reason(std::make_exception_ptr(hub_error(why)));
  loop().post([self = shared_from_this()] {
    self->out_.stop_keeping();
    self->on().output().drop_waiting();
    self->send_close(true);
    self->end(nullptr, true);
  });
}

void hub_connection::end_overflowing() {
  on().cut_off("More waits for the client's event loop, which has no time, than may.");
}

void hub_connection::on_gone() {
  out_.close();
  out_.stop_keeping();
  on().output().give_room();
  in_.make_way();
  in_.make_room();
}

void hub_connection::on_close_requested() {
  if (is_ended()) return;
  close(true);  // Now: when the server stops, the socket is closed with this turn.
  end(nullptr, true);
}

void hub_connection::on_heartbeat() {
  if (is_ended()) return;
  if (!out_.exchange_acks(in_.held().count())) return;
  // A poll says that it lives by polling.
  if (on().transport() == transport_type::long_polling) return;
  const auto turning = loop().state().deadlines().turning_now();
  if (in_.is_silent(turning, endpoint_.hub().client_timeout_interval)) {
    end(std::make_exception_ptr(named_error(
            "OperationCanceledException",
            "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.")),
        true);
    return;
  }
  out_.ping();
}

void hub_connection::on_reattached() {
  in_.wait_anew(loop().state().deadlines().turning_now());
  out_.on_reattached();
}

// The groups that it is in.

bool hub_connection::remember_group(std::string_view group) {
  const std::scoped_lock lock(endpoint_.groups_mutex());
  return membership_.remember_group(group);
}

void hub_connection::forget_group(std::string_view group) {
  const std::scoped_lock lock(endpoint_.groups_mutex());
  membership_.forget_group(group);
}

hub_membership::group_names hub_connection::take_groups() {
  const std::scoped_lock lock(endpoint_.groups_mutex());
  return membership_.take_groups();
}

}  // namespace saker::signalr
