#include <stdexcept>
#include <utility>

#include "async/resume_on.hpp"
#include "observe/log.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"

namespace saker::signalr {

void hub_connection::begin_waiting() {
  in_.assembly().keep();
  // While the server does not read, the client need not say that it lives.
  in_.begin_waiting(loop().state().deadlines().turning_now());
}

/// False: nothing more comes.
bool hub_connection::take_input(std::span<const std::byte> data) {
  in_.end_waiting();
  if (is_ended() || data.empty()) return false;
  if (on().input().take_anew()) in_.assembly().clear();
  in_.assembly().feed({reinterpret_cast<const char*>(data.data()), data.size()});
  return true;
}

task<void> hub_connection::handle_rest() {
  while (!in_.held().is_empty() && !is_ended()) {
    auto waiting = in_.room();
    co_await waiting;
  }
  if (!in_.assembly().is_empty() && !is_ended()) {
    throw protocol_error("Connection terminated while reading a message.");
  }
}

/// All whole messages that are there. Apart from the loop around it, since what it needs is much,
/// and an idle connection needs none of that.
task<void> hub_connection::handle_received(std::size_t& handled) {
  // Whoever has sent thousands of calls must not have the loop for itself, least of all when it is
  // given up.
  constexpr std::size_t messages_at_once = 64;
  while (!is_ended()) {
    const auto payload = in_.assembly().next(protocol());
    if (!payload) break;
    auto message = protocol().parse(*payload);
    if (message && message->type == message_type::close) on_input_ending();
    if (message && out_.counts(*message)) {
      if (must_be_held(*message)) {
        hold(*payload);
      } else {
        if (must_wait(*message)) {
          auto waiting = wait_for_way(*message);
          co_await waiting;
          if (is_ended()) break;
        }
        handle(*message);
      }
    }
    if (!in_.reads_on() && out_.congested()) {
      auto waiting = room();
      co_await waiting;
    } else if (in_.held().bytes() > most_held() && !out_.congested()) {
      auto waiting = in_.room();
      co_await waiting;
    } else if (++handled % messages_at_once == 0 || on().is_cut_off()) {
      async::next_turn later(loop());
      co_await later;
    }
  }
}

/// Whether the loop stands still until something has ended.
bool hub_connection::must_wait(const hub_message& message) const noexcept {
  if (message.type == message_type::invocation) {
    if (budget_.has_slot() || !message.stream_ids.empty()) return false;
    const auto* const method = endpoint_.find_method(message.target);
    return method && !method->is_streaming();
  }
  if (message.type != message_type::stream_item) return false;
  const auto stream = streams_.find_upload(message.invocation_id);
  if (!stream || stream->is_completed()) return false;
  return stream->is_full() || budget_.items() >= endpoint_.hub().stream_memory_limit;
}

/// Where Acks make room the loop must go on, whatever must wait: they come this way. There the
/// client is slowed down by getting none from us.
bool hub_connection::must_be_held(const hub_message& message) const noexcept {
  if (!in_.reads_on() || message.type == message_type::ack ||
      message.type == message_type::sequence || message.type == message_type::ping) {
    return false;
  }
  if (!in_.held().is_empty() || membership_.is_entering()) return true;
  return message.type != message_type::close && (out_.congested() || must_wait(message));
}

/// How much of a client may be held; when the process is full, no more than is read ahead.
std::size_t hub_connection::most_held() const noexcept {
  return on().output().is_process_full() ? on().options().transport_max_buffer_size
                                         : on().options().send_buffer_limit;
}

void hub_connection::hold(std::string_view payload) {
  const bool is_first = in_.held().is_empty();
  in_.held().push(payload);
  // The Acks may be behind what a client has under way, but not behind everything.
  constexpr std::size_t under_way = 1024 * 1024;
  if (in_.held().bytes() > most_held() + under_way && out_.congested()) {
    on().cut_off("The client makes more calls than it acknowledges answers.");
  }
  if (!is_first) return;
  on().input().set_held(true);
  loop().state().start(handle_held());
}

/// Until nothing is held any more.
task<void> hub_connection::handle_held() {
  const auto self = shared_from_this();
  constexpr std::size_t messages_at_once = 64;
  try {
    for (std::size_t handled = 1; !is_ended(); ++handled) {
      auto message = protocol().parse(in_.held().front());
      if (!message) throw std::logic_error("A protocol has read a message in two ways.");
      while (!is_ended() &&
             (membership_.is_entering() || out_.congested() || must_wait(*message))) {
        auto waiting = in_.way();
        co_await waiting;
      }
      if (is_ended()) break;
      handle(*message);
      in_.held().pop();
      in_.make_room();
      if (in_.held().is_empty()) break;
      if (handled % messages_at_once == 0) {
        async::next_turn later(loop());
        co_await later;
      }
    }
  } catch (...) {
    end(std::current_exception(), true);
  }
  in_.held().clear();
  in_.make_room();
  on().input().set_held(false);
}

task<void> hub_connection::wait_for_way(const hub_message& message) {
  while (!is_ended() && must_wait(message)) {
    auto waiting = in_.way();
    co_await waiting;
  }
}

/// The connection ends: whatever the loop is waiting for, it does so no more.
void hub_connection::wake_receiving() {
  streams_.end_uploads();
  on().output().give_room();
  in_.make_way();
  in_.make_room();
}

void hub_connection::give_back_slot() {
  budget_.give_back_slot();
  in_.make_way();
}

void hub_connection::on_items_taken(std::size_t bytes) noexcept {
  budget_.give_back_items(bytes);
  in_.make_way();
}

void hub_connection::handle(hub_message& message) {
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation: begin_invocation(message); break;
    case message_type::stream_item: take_item(message); break;
    case message_type::completion: take_completion(message); break;
    case message_type::cancel_invocation: streams_.cancel_download(message.invocation_id); break;
    case message_type::ping: in_.take_ping(); break;
    case message_type::close: take_close(message); break;
    case message_type::ack: out_.take_ack(message); break;
    case message_type::sequence: out_.take_sequence(message); break;
  }
}

void hub_connection::take_item(hub_message& message) {
  if (const auto stream = streams_.find_upload(message.invocation_id)) {
    budget_.take_items(stream->push(message.value));
  }
}

void hub_connection::take_completion(hub_message& message) {
  if (const auto stream = streams_.take_upload(message.invocation_id)) {
    stream->complete(message.error);
  } else {
    endpoint_.manager().on_result(*this, message);
  }
}

void hub_connection::take_close(const hub_message& message) {
  std::exception_ptr error;
  if (message.error) error = std::make_exception_ptr(hub_error(*message.error));
  end(hub_ending::side::client, error, false);
}

}  // namespace saker::signalr
