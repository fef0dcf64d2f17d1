#include <exception>
#include <span>
#include <string>

#include "signalr/hub/audience.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"

namespace saker::signalr {

void hub_connection::write(const hub_message& message) {
  if (is_closed_) return;
  if (buffer_) {
    std::string bytes;
    if (!frame(message, bytes)) return;
    buffer_->add(share(std::as_bytes(std::span(bytes)), on_->message_type()));
    pump_buffer();
  } else {
    write_uncounted(message);
  }
}

void hub_connection::write_uncounted(const hub_message& message) {
  if (!is_closed_) write_out(message);
}

void hub_connection::write_out(const hub_message& message) {
  // One string for all messages of a thread, which keeps its memory while they are small.
  static thread_local std::string bytes;
  constexpr std::size_t kept = 64 * 1024;
  bytes.clear();
  if (frame(message, bytes)) {
    on_->output().write(std::as_bytes(std::span(bytes)), on_->message_type());
  }
  if (bytes.capacity() > kept) bytes = std::string();
}

bool hub_connection::frame(const hub_message& message, std::string& out) {
  try {
    protocol().write(message, out);
    return true;
  } catch (...) {
    on_write_failed();
    return false;
  }
}

/// Null: there are none for its protocol.
const shared_message* hub_connection::bytes_of(const outgoing_message& message) {
  try {
    const auto& bytes = message.bytes_for(*protocol_);
    return bytes ? &bytes : nullptr;
  } catch (...) {
    on_write_failed();
    return nullptr;
  }
}

/// Nothing comes behind the gap.
void hub_connection::on_write_failed() {
  endpoint_.log_failure("A hub protocol failed to write a message: ", std::current_exception());
  is_closed_ = true;
  loop().post([self = shared_from_this()] { self->on_->abort(); });
}

void hub_connection::pump_buffer() {
  auto& output = on_->output();
  if (output.socket()) {
    while (const auto message = buffer_->next()) output.write(message, false);
  }
  if (buffer_->is_blocked()) {
    if (output.unacknowledged_since() == 0) output.set_unacknowledged_since(on_->now());
    held_room_.wake();
  } else {
    output.set_unacknowledged_since(0);
    output.give_room();
    way_.wake();
  }
}

bool hub_connection::congested() const noexcept {
  if (!buffer_) return on_->output().congested();
  return buffer_->is_blocked() || (on_->output().is_process_full() &&
                                   buffer_->size() > on_->options().transport_max_buffer_size);
}

task<void> hub_connection::room() {
  while (congested() && !ended_) {
    room_request room(patience::for_each);
    on_->output().hold_until_room(room);
    const auto source = room.let_go();
    co_await source;
  }
}

void hub_connection::take(const broadcast& what, room_request& room) { send(what.message, room); }

bool hub_connection::ask(const outgoing_message& question) {
  if (is_closed_) return false;
  const auto* const bytes = bytes_of(question);
  if (!bytes) return false;
  if (buffer_) {
    if (!buffer_has_room((*bytes)->payload().size())) return false;
    buffer_->add(*bytes);
    pump_buffer();
  } else {
    if (!on_->output().admit((*bytes)->payload().size())) return false;
    on_->output().write(*bytes, false);
  }
  return true;
}

/// Whether a message fits into the message_buffer; if not, the policy has been followed.
bool hub_connection::buffer_has_room(std::size_t bytes) {
  const auto cost = outbox::cost_of(bytes);
  if (on_->output().has_room(buffer_->size(), cost)) return true;
  // What was numbered cannot be dropped: the oldest stay.
  on_->count_dropped(1);
  const auto policy = on_->options().overflow_policy;
  if (policy == overflow_policy::disconnect || policy == overflow_policy::wait) {
    on_->cut_off(on_->output().limit_passed_by(buffer_->size(), cost));
  }
  return false;
}

/// Whether who awaits a send is to wait for this client.
bool hub_connection::keeps_waiting(patience how) noexcept {
  if (ended_ || how == patience::none || !congested()) return false;
  if (how == patience::for_each) return true;
  const auto waiting = buffer_ ? buffer_->size() : on_->output().waiting();
  return waiting > on_->options().send_buffer_limit / 2 && !on_->output().is_stuck();
}

void hub_connection::send(const outgoing_message& message, room_request& room, bool to_many) {
  if (is_closed_) return;
  const auto* const bytes = bytes_of(message);
  if (!bytes) return;
  auto& output = on_->output();
  if (buffer_) {
    if (!buffer_has_room((*bytes)->payload().size())) return;
    buffer_->add(*bytes);
    pump_buffer();
  } else {
    if (!output.admit((*bytes)->payload().size())) return;
    if (to_many) {
      output.write_through(*bytes);
    } else {
      output.write(*bytes, true);
    }
  }
  if (keeps_waiting(room.how())) output.hold_until_room(room);
}

}  // namespace saker::signalr
