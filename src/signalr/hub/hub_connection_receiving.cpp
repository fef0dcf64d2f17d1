#include <stdexcept>
#include <utility>

#include "async/resume_on.hpp"
#include "observe/log.hpp"
#include "signalr/hub/hub_connection.hpp"
#include "signalr/hub/hub_endpoint.hpp"

namespace saker::signalr {

void hub_connection::begin_waiting() {
  assembly_.keep();
  // While the server does not read, the client need not say that it lives.
  waiting_since_ = loop().state().deadlines().turning_now();
}

/// False: nothing more comes.
bool hub_connection::take_input(std::span<const std::byte> data) {
  waiting_since_ = 0;
  if (ended_ || data.empty()) return false;
  if (on_->input().take_anew()) assembly_.clear();
  assembly_.feed({reinterpret_cast<const char*>(data.data()), data.size()});
  return true;
}

task<void> hub_connection::handle_rest() {
  while (held_ && !ended_) {
    auto waiting = held_room_.wait();
    co_await waiting;
  }
  if (!assembly_.is_empty() && !ended_) {
    throw protocol_error("Connection terminated while reading a message.");
  }
}

/// All whole messages that are there. Apart from the loop around it, since what it needs is much,
/// and an idle connection needs none of that.
task<void> hub_connection::handle_received(std::size_t& handled) {
  // Whoever has sent thousands of calls must not have the loop for itself, least of all when it is
  // given up.
  constexpr std::size_t messages_at_once = 64;
  while (!ended_) {
    const auto payload = assembly_.next(protocol());
    if (!payload) break;
    auto message = protocol().parse(*payload);
    if (message && message->type == message_type::close) on_input_ending();
    if (message && out_.counts(*message)) {
      if (must_be_held(*message)) {
        hold(*payload);
      } else {
        if (must_wait(*message)) {
          auto waiting = make_way(*message);
          co_await waiting;
          if (ended_) break;
        }
        handle(*message);
      }
    }
    if (!out_.needs_acks() && out_.congested()) {
      auto waiting = room();
      co_await waiting;
    } else if (bytes_held() > most_held() && !out_.congested()) {
      auto waiting = held_room_.wait();
      co_await waiting;
    } else if (++handled % messages_at_once == 0 || on_->is_cut_off()) {
      async::next_turn later(loop());
      co_await later;
    }
  }
}

/// Whether the loop stands still until something has ended.
bool hub_connection::must_wait(const hub_message& message) const noexcept {
  if (message.type == message_type::invocation) {
    if (free_slots_ != 0 || !message.stream_ids.empty()) return false;
    const auto* const method = endpoint_.find_method(message.target);
    return method && !method->is_streaming();
  }
  if (message.type != message_type::stream_item) return false;
  const auto stream = find_upload(message.invocation_id);
  if (!stream || stream->is_completed()) return false;
  return stream->is_full() || items_ >= endpoint_.hub().stream_memory_limit;
}

/// Where Acks make room the loop must go on, whatever must wait: they come this way. There the
/// client is slowed down by getting none from us.
bool hub_connection::must_be_held(const hub_message& message) const noexcept {
  if (!out_.needs_acks() || message.type == message_type::ack ||
      message.type == message_type::sequence || message.type == message_type::ping) {
    return false;
  }
  if (held_ || entrance_ == entrance::within) return true;
  return message.type != message_type::close && (out_.congested() || must_wait(message));
}

/// How much of a client may be held; when the process is full, no more than is read ahead.
std::size_t hub_connection::most_held() const noexcept {
  return on_->output().is_process_full() ? on_->options().transport_max_buffer_size
                                         : on_->options().send_buffer_limit;
}

void hub_connection::hold(std::string_view payload) {
  const bool is_first = !held_;
  if (is_first) held_ = std::make_unique<held_messages>();
  held_->messages.emplace_back(payload);
  held_->bytes.set(held_->bytes.bytes() + outbox::cost_of(payload.size()));
  // The Acks may be behind what a client has under way, but not behind everything.
  constexpr std::size_t under_way = 1024 * 1024;
  if (bytes_held() > most_held() + under_way && out_.congested()) {
    on_->cut_off("The client makes more calls than it acknowledges answers.");
  }
  if (!is_first) return;
  on_->input().set_held(true);
  loop().state().start(handle_held());
}

/// Until nothing is held any more.
task<void> hub_connection::handle_held() {
  const auto self = shared_from_this();
  constexpr std::size_t messages_at_once = 64;
  try {
    for (std::size_t handled = 1; !ended_; ++handled) {
      auto message = protocol().parse(held_->messages.front());
      if (!message) throw std::logic_error("A protocol has read a message in two ways.");
      while (!ended_ &&
             (entrance_ == entrance::within || out_.congested() || must_wait(*message))) {
        auto waiting = way_.wait();
        co_await waiting;
      }
      if (ended_) break;
      handle(*message);
      auto& messages = held_->messages;
      held_->bytes.set(held_->bytes.bytes() - outbox::cost_of(messages.front().size()));
      messages.pop_front();
      held_room_.wake();
      if (messages.empty()) break;
      if (handled % messages_at_once == 0) {
        async::next_turn later(loop());
        co_await later;
      }
    }
  } catch (...) {
    end(std::current_exception(), true);
  }
  held_.reset();
  held_room_.wake();
  on_->input().set_held(false);
}

task<void> hub_connection::make_way(const hub_message& message) {
  while (!ended_ && must_wait(message)) {
    auto waiting = way_.wait();
    co_await waiting;
  }
}

/// The connection ends: whatever the loop is waiting for, it does so no more.
void hub_connection::wake_receiving() {
  if (streams_) {
    for (const auto& [id, stream] : open_streams::uploads(streams_->up)) {
      stream->complete("The underlying connection was closed.");
    }
  }
  on_->output().give_room();
  way_.wake();
  held_room_.wake();
}

void hub_connection::give_back_slot() {
  ++free_slots_;
  way_.wake();
}

void hub_connection::on_items_taken(std::size_t bytes) noexcept {
  items_ -= bytes;
  way_.wake();
}

void hub_connection::handle(hub_message& message) {
  switch (message.type) {
    case message_type::invocation:
    case message_type::stream_invocation: begin_invocation(message); break;
    case message_type::stream_item: take_item(message); break;
    case message_type::completion: take_completion(message); break;
    case message_type::cancel_invocation: take_cancel(message); break;
    case message_type::ping: pinged_ = true; break;
    case message_type::close: take_close(message); break;
    case message_type::ack: out_.take_ack(message); break;
    case message_type::sequence: out_.take_sequence(message); break;
  }
}

std::shared_ptr<upload_queue> hub_connection::find_upload(std::string_view id) const {
  if (!streams_) return nullptr;
  const auto found = streams_->up.find(id);
  return found == streams_->up.end() ? nullptr : found->second;
}

void hub_connection::take_item(hub_message& message) {
  if (const auto stream = find_upload(message.invocation_id)) {
    items_ += stream->push(message.value);
  }
}

void hub_connection::take_completion(hub_message& message) {
  const auto stream = find_upload(message.invocation_id);
  if (!stream) {
    endpoint_.manager().on_result(*this, message);
    return;
  }
  streams_->up.erase(message.invocation_id);
  stream->complete(message.error);
}

void hub_connection::take_cancel(const hub_message& message) {
  if (!streams_) return;
  const auto found = streams_->down.find(message.invocation_id);
  if (found == streams_->down.end()) return;
  auto stop = found->second;
  stop.request_stop();
}

void hub_connection::take_close(const hub_message& message) {
  closed_by_client_ = true;
  std::exception_ptr error;
  if (message.error) error = std::make_exception_ptr(hub_error(*message.error));
  end(error, false);
}

}  // namespace saker::signalr
