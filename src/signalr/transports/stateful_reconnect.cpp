#include "signalr/transports/stateful_reconnect.hpp"

#include <utility>

#include <saker/signalr/error.hpp>

#include "async/deadline.hpp"
#include "signalr/transports/connection.hpp"

namespace saker::signalr {

stateful_reconnect::stateful_reconnect(connection& on, connection_application& application,
                                       std::size_t limit)
    : on_(on), application_(application), buffer_(limit) {
  on_.output().set_replayed(true);
}

/// Whether there is room for the message; if not, the policy has been followed.
bool stateful_reconnect::admit(std::size_t bytes) {
  const auto cost = outbox::cost_of(bytes);
  if (on_.output().has_room(buffer_.size(), cost)) return true;
  // What was numbered cannot be dropped: the oldest stay.
  on_.count_dropped(1);
  const auto policy = on_.options().overflow_policy;
  if (policy == overflow_policy::disconnect || policy == overflow_policy::wait) {
    on_.cut_off(on_.output().limit_passed_by(buffer_.size(), cost));
  }
  return false;
}

void stateful_reconnect::write(shared_message message) {
  buffer_.add(std::move(message));
  send_on();
}

void stateful_reconnect::send_on() {
  auto& output = on_.output();
  if (output.socket()) {
    while (const auto message = buffer_.next()) output.write(message, false);
  }
  if (buffer_.is_blocked()) {
    if (output.unacknowledged_since() == 0) output.set_unacknowledged_since(on_.now());
    application_.on_blocked();
  } else {
    output.set_unacknowledged_since(0);
    output.give_room();
    application_.on_room();
  }
}

bool stateful_reconnect::congested() const noexcept {
  return buffer_.is_blocked() || (on_.output().is_process_full() &&
                                  buffer_.size() > on_.options().transport_max_buffer_size);
}

void stateful_reconnect::acknowledge(std::int64_t number) {
  if (!buffer_.acknowledge(number)) return;
  on_.output().set_unacknowledged_since(0);
  send_on();
}

void stateful_reconnect::end_acknowledging() {
  buffer_.lift_limit();
  send_on();
}

bool stateful_reconnect::is_overdue(std::chrono::milliseconds patience) const noexcept {
  const auto since = on_.output().unacknowledged_since();
  return since != 0 && on_.now() >= since + async::deadline_wheel::ticks(patience);
}

std::int64_t stateful_reconnect::begin_anew() {
  on_.output().set_unacknowledged_since(0);
  return buffer_.begin_anew();
}

void stateful_reconnect::resume_at(std::int64_t number) {
  if (buffer_.resume_at(number)) return;
  throw named_error("InvalidOperationException",
                    "Sequence ID greater than amount of messages we've received.");
}

}  // namespace saker::signalr
