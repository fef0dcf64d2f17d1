#include <utility>

#include "core/log.hpp"
#include "core/resume_on.hpp"
#include "signalr/hub_connection.hpp"
#include "signalr/hub_endpoint.hpp"

namespace saker::signalr {

task<void> hub_connection::receive_messages() {
  // Whoever has sent thousands of calls must not have the loop for itself, least of all when it is
  // given up.
  constexpr std::size_t messages_at_once = 64;
  for (std::size_t handled = 0;;) {
    // At first what came right behind the handshake.
    while (!ended_) {
      const auto payload = assembly_.next(*protocol_);
      if (!payload) break;
      auto message = protocol_->parse(*payload);
      if (message && is_due(*message)) {
        if (must_wait(*message)) {
          auto waiting = make_way(*message);
          co_await waiting;
          if (ended_) break;
        }
        handle(*message);
      }
      // With a message_buffer it must go on: the Acks that give room come this way. There the
      // client is slowed down by getting none from us.
      if (!buffer_ && congested()) {
        auto waiting = room();
        co_await waiting;
      } else if (++handled % messages_at_once == 0 || on_->is_overflowing()) {
        core::next_turn later(loop());
        co_await later;
      }
    }
    if (ended_) break;
    assembly_.keep();
    waiting_for_data_ = true;
    auto asking = on_->input().next();
    const auto data = co_await asking;
    waiting_for_data_ = false;
    if (ended_) break;
    if (data.empty()) {
      if (assembly_.is_empty()) break;
      throw protocol_error("Connection terminated while reading a message.");
    }
    last_received_ = loop().state().deadlines().coarse_now();
    if (on_->input().take_anew()) assembly_.clear();
    assembly_.feed({reinterpret_cast<const char*>(data.data()), data.size()});
  }
}

/// It is not one that has come before the client reconnected.
bool hub_connection::is_due(const hub_message& message) {
  return !buffer_ || !message.is_counted() || buffer_->should_process();
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

task<void> hub_connection::make_way(const hub_message& message) {
  while (!ended_ && must_wait(message)) {
    auto waiting = way_.wait();
    co_await waiting;
  }
}

/// The connection ends: whatever the loop is waiting for, it does so no more.
void hub_connection::wake_receiving() {
  for (const auto& [id, stream] : uploads(uploads_)) {
    stream->complete("The underlying connection was closed.");
  }
  buffer_waiters_.clear();
  on_->output().give_up_room();
  way_.wake();
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
    case message_type::ack:
      if (buffer_) {
        buffer_->acknowledge(message.sequence_id);
        pump_buffer();
        if (!congested()) buffer_waiters_.clear();
      }
      break;
    case message_type::sequence: take_sequence(message); break;
  }
}

std::shared_ptr<upload_queue> hub_connection::find_upload(std::string_view id) const {
  const auto found = uploads_.find(id);
  return found == uploads_.end() ? nullptr : found->second;
}

void hub_connection::take_item(hub_message& message) {
  if (const auto stream = find_upload(message.invocation_id)) {
    items_ += stream->push(std::move(message.value));
  }
}

void hub_connection::take_completion(hub_message& message) {
  const auto stream = find_upload(message.invocation_id);
  if (!stream) {
    endpoint_.manager().on_result(*this, message);
    return;
  }
  uploads_.erase(message.invocation_id);
  stream->complete(message.error);
}

void hub_connection::take_cancel(const hub_message& message) {
  const auto found = streams_.find(message.invocation_id);
  if (found == streams_.end()) return;
  auto stop = found->second;
  stop.request_stop();
}

void hub_connection::take_close(const hub_message& message) {
  closed_by_client_ = true;
  std::exception_ptr error;
  if (message.error) error = std::make_exception_ptr(hub_error(*message.error));
  end(error, false);
}

void hub_connection::take_sequence(const hub_message& message) {
  if (!buffer_ || buffer_->resume_at(message.sequence_id)) return;
  throw named_error("InvalidOperationException",
                    "Sequence ID greater than amount of messages we've received.");
}

}  // namespace saker::signalr
