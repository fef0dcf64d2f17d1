#include "signalr/hub/hub_output.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <span>

#include "async/deadline.hpp"
#include "signalr/hub/hub_endpoint.hpp"

namespace saker::signalr {

hub_output::hub_output(hub_endpoint& endpoint, std::shared_ptr<connection> on) noexcept
    : endpoint_(endpoint),
      on_(std::move(on)),
      protocol_(&*endpoint.manager().protocols().begin()) {}

void hub_output::begin_keeping(connection_application& application) {
  reconnect_ = std::make_unique<stateful_reconnect>(*on_, application,
                                                    endpoint_.hub().stateful_reconnect_buffer_size);
}

// Messages.

void hub_output::write(const hub_message& message) {
  if (is_closed_) return;
  if (reconnect_) {
    std::string bytes;
    if (!frame(message, bytes)) return;
    reconnect_->write(share(std::as_bytes(std::span(bytes)), on_->message_type()));
  } else {
    write_out(message);
  }
}

void hub_output::write_uncounted(const hub_message& message) {
  if (!is_closed_) write_out(message);
}

void hub_output::write_out(const hub_message& message) {
  // One string for all messages of a thread, which keeps its memory while they are small.
  static thread_local std::string bytes;
  constexpr std::size_t kept = 64 * 1024;
  bytes.clear();
  if (frame(message, bytes)) {
    on_->output().write(std::as_bytes(std::span(bytes)), on_->message_type());
  }
  if (bytes.capacity() > kept) bytes = std::string();
}

bool hub_output::frame(const hub_message& message, std::string& out) {
  try {
    protocol().write(message, out);
    return true;
  } catch (...) {
    on_write_failed();
    return false;
  }
}

/// Null: there are none for its protocol.
const shared_message* hub_output::bytes_of(const outgoing_message& message) {
  try {
    const auto& bytes = message.bytes_for(*protocol_);
    return bytes ? &bytes : nullptr;
  } catch (...) {
    on_write_failed();
    return nullptr;
  }
}

/// Nothing comes behind the gap.
void hub_output::on_write_failed() {
  endpoint_.log_failure("A hub protocol failed to write a message: ", std::current_exception());
  is_closed_ = true;
  on_->loop().post([on = on_] { on->abort(); });
}

bool hub_output::admit(const shared_message& message) {
  const auto bytes = message->payload().size();
  return reconnect_ ? reconnect_->admit(bytes) : on_->output().admit(bytes);
}

bool hub_output::send(const outgoing_message& message, bool to_many) {
  if (is_closed_) return false;
  const auto* const bytes = bytes_of(message);
  if (!bytes || !admit(*bytes)) return false;
  if (reconnect_) {
    reconnect_->write(*bytes);
  } else if (to_many) {
    on_->output().write_through(*bytes);
  } else {
    on_->output().write(*bytes, true);
  }
  return true;
}

bool hub_output::ask(const outgoing_message& question) {
  if (is_closed_) return false;
  const auto* const bytes = bytes_of(question);
  if (!bytes || !admit(*bytes)) return false;
  if (reconnect_) {
    reconnect_->write(*bytes);
  } else {
    on_->output().write(*bytes, false);
  }
  return true;
}

void hub_output::ping() {
  const auto time = on_->now();
  if (time < last_ping_ + async::deadline_wheel::ticks(endpoint_.hub().keep_alive_interval)) return;
  if (!on_->output().congested()) write_uncounted({.type = message_type::ping});
  last_ping_ = time;
}

bool hub_output::keeps_waiting(patience how) const noexcept {
  if (how == patience::none || !congested()) return false;
  if (how == patience::for_each) return true;
  const auto waiting = reconnect_ ? reconnect_->waiting() : on_->output().waiting();
  return waiting > on_->options().send_buffer_limit / 2 && !on_->output().is_stuck();
}

// Stateful reconnect.

bool hub_output::counts(const hub_message& message) noexcept {
  return !reconnect_ || !message.is_counted() || reconnect_->should_process();
}

void hub_output::take_ack(const hub_message& message) {
  if (reconnect_) reconnect_->acknowledge(message.sequence_id);
}

void hub_output::take_sequence(const hub_message& message) {
  if (reconnect_) reconnect_->resume_at(message.sequence_id);
}

void hub_output::on_input_ending() {
  if (reconnect_) reconnect_->end_acknowledging();
}

bool hub_output::exchange_acks(std::size_t waiting) {
  if (!reconnect_ || !on_->output().socket()) return true;
  if (const auto number = reconnect_->take_ack(waiting)) {
    write_uncounted({.type = message_type::ack, .sequence_id = number});
  }
  // Clients acknowledge once a second.
  const std::chrono::milliseconds most =
      std::max(endpoint_.hub().client_timeout_interval, 2 * outbox::slow_to_answer);
  if (!reconnect_->is_overdue(most)) return true;
  on_->cut_off("The client has acknowledged nothing for client_timeout_interval.");
  return false;
}

void hub_output::on_reattached() {
  if (!reconnect_) return;
  begin_pinging();
  write_uncounted({.type = message_type::sequence, .sequence_id = reconnect_->begin_anew()});
  // The last one may have been lost with the socket.
  if (const auto number = reconnect_->ack_again()) {
    write_uncounted({.type = message_type::ack, .sequence_id = number});
  }
  reconnect_->resend();
}

}  // namespace saker::signalr
