#include "signalr/hub_connection.hpp"

#include <algorithm>
#include <utility>

#include <saker/signalr/filter.hpp>

#include "signalr/audience.hpp"
#include "signalr/handshake.hpp"
#include "signalr/hub_call.hpp"
#include "signalr/hub_endpoint.hpp"

namespace saker::signalr {
namespace {

std::uint64_t ticks(std::chrono::milliseconds time) noexcept {
  return static_cast<std::uint64_t>(time / core::deadline_wheel::tick);
}

}  // namespace

hub_connection::hub_connection(hub_endpoint& endpoint, std::shared_ptr<connection> on)
    : endpoint_(endpoint),
      on_(std::move(on)),
      assembly_(endpoint.hub().maximum_receive_message_size),
      free_slots_(endpoint.hub().maximum_parallel_invocations_per_client) {}

std::string hub_connection::error_text(std::string_view message,
                                       const std::exception_ptr& error) const {
  return signalr::error_text(message, error, endpoint_.hub().enable_detailed_errors);
}

task<void> hub_connection::run(std::shared_ptr<hub_connection> client) {
  {
    auto shaking = client->shake_hands();
    if (!co_await shaking) co_return;
  }
  auto& manager = client->endpoint_.manager();
  client->last_received_ = client->last_ping_ = client->loop().state().deadlines().coarse_now();
  client->on_->set_application(client.get());
  // It may have come while the server was stopping already.
  if (client->loop().state().is_stopping()) client->on_close_requested();
  bool entered = false;
  {
    auto entering = client->enter_hub();
    entered = co_await entering;
  }
  if (entered) {
    try {
      auto receiving = client->receive_messages();
      co_await receiving;
    } catch (...) {
      client->end(std::current_exception(), true);
    }
    client->ended_ = true;
    client->close(client->allow_reconnect_);
    client->stop_streams();
    client->on_->signal_closed();
    auto leaving = client->leave_hub();
    co_await leaving;
  }
  auto leaving = manager.on_disconnected(client);
  co_await leaving;
  client->on_->set_application(nullptr);
}

// The handshake.

task<bool> hub_connection::shake_hands() {
  core::deadline limit(&hub_connection::on_handshake_timeout, this);
  limit.set(loop().state().deadlines(), endpoint_.hub().handshake_timeout);
  std::string error = "Handshake was canceled.";
  for (;;) {
    auto asking = on_->input().next();
    const auto data = co_await asking;
    if (data.empty()) {
      if (!ended_) co_return false;
      break;
    }
    on_->input().take_anew();
    assembly_.feed({reinterpret_cast<const char*>(data.data()), data.size()});
    std::optional<std::string_view> request;
    try {
      // Whatever protocol it asks for, a handshake is framed like JSON.
      request = assembly_.next(json_protocol());
    } catch (const protocol_error&) {
      break;
    }
    if (request) error = accept_handshake(*request);
    assembly_.keep();
    if (request) break;
  }
  const auto answer = handshake_response(error);
  on_->output().write(std::as_bytes(std::span(answer)), on_->message_type());
  const bool accepted = error.empty();
  co_return accepted;
}

void hub_connection::on_handshake_timeout(void* self) {
  auto& timed_out = *static_cast<hub_connection*>(self);
  timed_out.ended_ = true;
  timed_out.on_->input().finish();
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
  if (request.version > hub_protocol_version) {
    return "The server does not support version " + std::to_string(request.version) + " of the '" +
           request.protocol + "' protocol.";
  }
  if (found->format() == transfer_format::binary &&
      on_->transport() == transport_type::server_sent_events) {
    return "Cannot use the '" + std::string(found->name()) +
           "' protocol on the current transport. The transport does not support 'Binary' transfer "
           "format.";
  }
  protocol_ = found;
  on_->set_format(found->format());
  const auto& provider = endpoint_.hub().user_id_provider;
  user_id_ = provider ? provider(*on_->user(), on_->request())
                      : std::string(on_->user()->name_identifier());
  if (request.version < 2) {
    on_->disable_reconnect();
  } else if (on_->allows_reconnect()) {
    buffer_ = std::make_unique<message_buffer>(endpoint_.hub().stateful_reconnect_buffer_size);
    on_->output().set_replayed(true);
  }
  return {};
}

// Its life.

void hub_connection::stop_streams() {
  // What is told may end, and take itself off the lists.
  for (auto& [id, stop] : active_streams(streams_)) stop.request_stop();
  for (const auto& [id, stream] : std::exchange(uploads_, {})) {
    stream->complete("The underlying connection was closed.");
  }
}

task<bool> hub_connection::enter_hub() {
  std::exception_ptr failed;
  try {
    auto reached = endpoint_.manager().on_connected(shared_from_this());
    co_await reached;
    hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::connecting, 0));
    auto connecting = call.connect(0);
    co_await connecting;
  } catch (...) {
    failed = std::current_exception();
    endpoint_.log_failure("A hub's on_connected failed: ", failed);
  }
  if (failed) {
    end_error_ = failed;
    close(false);
    ended_ = true;
  }
  co_return !failed;
}

task<void> hub_connection::leave_hub() {
  try {
    hub_call call(*this, endpoint_, take_slot(invocation_slot::kind::beside, 0));
    auto disconnecting = call.disconnect(end_error_, 0);
    co_await disconnecting;
  } catch (...) {
    endpoint_.log_failure("A hub's on_disconnected failed: ", std::current_exception());
  }
}

/// The last message of the hub protocol.
void hub_connection::close(bool allow_reconnect) {
  hub_message message{.type = message_type::close};
  if (end_error_ && !closed_by_client_) {
    message.error = error_text("Connection closed with an error.", end_error_);
  }
  message.allow_reconnect = allow_reconnect;
  on_->disable_reconnect();
  write_uncounted(message);
}

void hub_connection::end(std::exception_ptr error, bool allow_reconnect) {
  if (ended_) return;
  const auto self = shared_from_this();  // What wakes may be the last that holds it.
  ended_ = true;
  end_error_ = std::move(error);
  allow_reconnect_ = allow_reconnect;
  on_->input().finish();
  wake_receiving();
  // Its methods, also on_connected, learn of it now.
  on_->signal_closed();
}

void hub_connection::abort() { end(nullptr, false); }

void hub_connection::on_close_requested() {
  if (ended_) return;
  close(true);  // Now: when the server stops, the socket is closed with this turn.
  end(nullptr, true);
}

void hub_connection::on_heartbeat() {
  if (ended_) return;
  const auto time = loop().state().deadlines().coarse_now();
  if (buffer_ && !buffer_->is_blocked()) {
    if (const auto number = buffer_->take_ack()) {
      write_uncounted({.type = message_type::ack, .sequence_id = number});
    }
  }
  // A poll says that it lives by polling.
  if (on_->transport() == transport_type::long_polling) return;
  const auto& options = endpoint_.hub();
  if (waiting_for_data_ && pinged_ &&
      time >= last_received_ + ticks(options.client_timeout_interval)) {
    end(std::make_exception_ptr(named_error(
            "OperationCanceledException",
            "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.")),
        true);
    return;
  }
  if (time >= last_ping_ + ticks(options.keep_alive_interval)) {
    if (!on_->output().congested()) write_uncounted({.type = message_type::ping});
    last_ping_ = time;
  }
}

void hub_connection::on_reattached() {
  if (!buffer_) return;
  last_received_ = last_ping_ = loop().state().deadlines().coarse_now();
  write_uncounted({.type = message_type::sequence, .sequence_id = buffer_->begin_anew()});
  pump_buffer();
}

// What the client is sent.

void hub_connection::write(const hub_message& message) {
  if (is_closed_) return;
  if (buffer_) {
    std::string bytes;
    protocol_->write(message, bytes);
    buffer_->add(share(std::as_bytes(std::span(bytes)), on_->message_type()));
    pump_buffer();
    if (buffer_->size() > on_->options().send_buffer_limit) on_->end_overflowing();
  } else {
    write_uncounted(message);
  }
}

void hub_connection::write_uncounted(const hub_message& message) {
  if (is_closed_) return;
  if (message.type == message_type::close) is_closed_ = true;
  // One string for all messages of a thread, which keeps its memory while they are small.
  static thread_local std::string bytes;
  constexpr std::size_t kept = 64 * 1024;
  bytes.clear();
  protocol_->write(message, bytes);
  on_->output().write(std::as_bytes(std::span(bytes)), on_->message_type());
  if (bytes.capacity() > kept) bytes = std::string();
}

void hub_connection::pump_buffer() {
  if (!on_->output().socket()) return;
  while (const auto message = buffer_->next()) on_->output().write(message, false);
}

task<void> hub_connection::room() {
  while (congested() && !ended_) {
    if (buffer_) {
      auto guard = std::make_shared<room_guard>();
      const auto source = guard->source();
      buffer_waiters_.push_back(std::move(guard));
      co_await source;
    } else {
      auto waiting = on_->output().room();
      co_await waiting;
    }
  }
}

void hub_connection::take(const broadcast& what, const std::shared_ptr<room_guard>& guard) {
  send(what.message, guard);
}

bool hub_connection::ask(const outgoing_message& question) {
  if (is_closed_) return false;
  const auto& bytes = question.bytes_for(*protocol_);
  if (!bytes) return false;
  if (buffer_) {
    if (!buffer_has_room(bytes->payload().size())) return false;
    buffer_->add(bytes);
    pump_buffer();
  } else {
    if (!on_->output().admit(bytes->payload().size())) return false;
    on_->output().write(bytes, false);
  }
  return true;
}

/// Whether a message fits into the message_buffer; if not, the policy has been followed.
bool hub_connection::buffer_has_room(std::size_t bytes) {
  const auto waiting = buffer_->size();
  if (waiting == 0 || waiting + outbox::cost_of(bytes) <= on_->options().send_buffer_limit) {
    return true;
  }
  // What was numbered cannot be dropped: the oldest stay.
  on_->count_dropped(1);
  const auto policy = on_->options().overflow_policy;
  if (policy == overflow_policy::disconnect || policy == overflow_policy::wait) {
    on_->end_overflowing();
  }
  return false;
}

void hub_connection::send(const outgoing_message& message, const std::shared_ptr<room_guard>& guard,
                          bool to_many) {
  if (is_closed_) return;
  const auto& bytes = message.bytes_for(*protocol_);
  if (!bytes) return;
  auto& output = on_->output();
  if (buffer_) {
    if (!buffer_has_room(bytes->payload().size())) return;
    buffer_->add(bytes);
    pump_buffer();
    if (guard && congested()) buffer_waiters_.push_back(guard);
  } else if (output.admit(bytes->payload().size())) {
    if (to_many) {
      output.write_through(bytes);
    } else {
      output.write(bytes, true);
    }
    if (guard && output.congested()) output.hold_until_room(guard);
  }
}

// The groups that it is in.

bool hub_connection::remember_group(std::string_view group) {
  const std::scoped_lock lock(groups_mutex_);
  if (groups_closed_) return false;
  groups_.emplace(group);
  return true;
}

void hub_connection::forget_group(std::string_view group) {
  const std::scoped_lock lock(groups_mutex_);
  const auto found = groups_.find(group);
  if (found != groups_.end()) groups_.erase(found);
}

std::set<std::string, std::less<>> hub_connection::take_groups() {
  const std::scoped_lock lock(groups_mutex_);
  groups_closed_ = true;
  return std::exchange(groups_, {});
}

}  // namespace saker::signalr
