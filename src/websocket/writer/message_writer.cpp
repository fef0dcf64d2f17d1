#include "websocket/writer/message_writer.hpp"

#include <stdexcept>
#include <utility>

#include "websocket/socket_core.hpp"

namespace saker::websockets {

// Sends that wait for the peer.

bool message_writer::begin(send_operation& operation) {
  try {
    const auto now = socket_.closing().state();
    socket_.closing().require(
        (now == websocket_state::open || now == websocket_state::close_received) &&
            socket_.can_send(),
        "open or close_received");
  } catch (...) {
    operation.exception_ = std::current_exception();
    return true;
  }
  if (socket_.options().overflow_policy != overflow_policy::wait) {
    if (make_room_for(operation)) encode(operation);
    return true;
  }
  if (sends_.empty() && !is_congested()) {
    encode(operation);
    if (!is_congested()) return true;
  }
  const bool blocks = sends_.empty();
  sends_.push(operation);
  if (blocks) socket_.limit_sending();
  await_room();
  return false;
}

bool message_writer::is_congested() const noexcept {
  return socket_.queued() >= socket_.options().send_high_water_mark;
}

void message_writer::await_room() noexcept {
  socket_.stream()->notify_drained(socket_.options().send_high_water_mark);
}

void message_writer::resume() {
  if (const auto ping = std::move(unanswered_ping_); ping && socket_.can_send()) {
    write_control(opcode::pong, std::as_bytes(std::span(*ping)));
  }
  while (socket_.can_send() && !sends_.empty()) {
    if (is_congested()) {
      await_room();
      return;
    }
    auto& operation = static_cast<send_operation&>(sends_.front());
    if (!operation.encoded_) {
      encode(operation);
    } else {
      socket_.complete(sends_.pop());
    }
  }
}

void message_writer::fail(const std::exception_ptr& exception) noexcept {
  while (!sends_.empty()) {
    auto& waiting = sends_.pop();
    waiting.exception_ = exception;
    socket_.complete(waiting);
  }
}

void message_writer::fail_unframed(const std::exception_ptr& exception) noexcept {
  while (!sends_.empty()) {
    auto& waiting = static_cast<send_operation&>(sends_.pop());
    if (!waiting.encoded_) waiting.exception_ = exception;
    socket_.complete(waiting);
  }
}

void message_writer::encode(send_operation& operation) {
  operation.encoded_ = true;
  if (operation.prepared_) {
    operation.sent_ = send_prepared(*operation.prepared_);
    return;
  }
  if (has_open_message() &&
      (outgoing_ == outgoing::raw) != operation.options_.disable_compression) {
    operation.exception_ = std::make_exception_ptr(std::invalid_argument(
        "websocket_send_options::disable_compression must be the same for all fragments of a "
        "message."));
    return;
  }
  write_message(operation.data_, operation.type_, operation.options_);
}

// Room.

bool message_writer::fits(std::size_t before, std::size_t bytes) const noexcept {
  const auto& options = socket_.options();
  return before < options.send_high_water_mark || before + bytes <= options.send_buffer_limit;
}

bool message_writer::has_room_for(std::size_t bytes) const noexcept {
  return fits(socket_.queued(), bytes);
}

/// Whether a send that does not wait may be queued; the fragments of a message share their fate.
bool message_writer::make_room_for(send_operation& operation) {
  if (outgoing_ == outgoing::none && !has_room_for(operation.size())) {
    overflow();
    if (const auto* const loss = socket_.closing().loss()) {
      operation.exception_ = loss->exception();
      return false;
    }
    outgoing_ = outgoing::dropped;
  }
  if (outgoing_ != outgoing::dropped) return true;
  operation.sent_ = false;
  if (operation.options_.end_of_message) outgoing_ = outgoing::none;
  return false;
}

/// A message finds no room: it is dropped, or the socket ends.
void message_writer::overflow() {
  count_dropped();
  if (socket_.options().overflow_policy == overflow_policy::disconnect) end_overflowing();
}

void message_writer::count_dropped() noexcept {
  socket_.counts().messages_dropped.add_from_any_thread(1);
}

void message_writer::end_overflowing() {
  if (!socket_.can_send()) return;
  socket_.fail(websocket_close_status::policy_violation,
               "More bytes wait for the WebSocket's peer than send_buffer_limit "
               "allows.");
}

bool message_writer::reserve(std::size_t bytes) noexcept {
  const auto now = socket_.closing().state();
  if (now != websocket_state::open && now != websocket_state::close_received) return false;
  const auto before = socket_.queued() + posted_.fetch_add(cost_of(bytes));
  if (fits(before, bytes)) return true;
  release(bytes);
  count_dropped();
  if (socket_.options().overflow_policy == overflow_policy::disconnect &&
      !overflow_posted_.exchange(true)) {
    socket_.loop().post([keep = socket_.keep(), this] { end_overflowing(); });
  }
  return false;
}

// Sends that never wait.

bool message_writer::accept_now(std::size_t bytes, bool reserved) {
  if (!socket_.can_send()) return false;
  // What was promised on another thread is kept, but for the policy that ends the socket instead.
  if (reserved && socket_.options().overflow_policy != overflow_policy::disconnect) {
    return true;
  }
  if (has_room_for(bytes)) return true;
  overflow();
  return false;
}

bool message_writer::try_send(std::span<const std::byte> data, websocket_message_type type,
                              bool disable_compression, bool reserved) {
  if (!accept_now(data.size(), reserved)) return false;
  if (has_open_message()) {
    return defer(std::make_shared<const prepared>(data, type, disable_compression));
  }
  write_message(data, type, {.disable_compression = disable_compression});
  return true;
}

bool message_writer::try_send(const std::shared_ptr<const prepared>& message, bool reserved) {
  return accept_now(message->payload().size(), reserved) && send_prepared(message);
}

bool message_writer::send_shared(const std::shared_ptr<const prepared>& message) {
  return has_room_for(message->payload().size()) && send_prepared(message);
}

bool message_writer::send_prepared(const std::shared_ptr<const prepared>& message) {
  if (has_open_message()) return defer(message);
  write_prepared(*message);
  return true;
}

/// Between the fragments of another message there is no place for this one. False: too much waits
/// for the last of them.
bool message_writer::defer(std::shared_ptr<const prepared> message) {
  if (!deferred_) deferred_ = std::make_unique<deferred_messages>();
  const auto bytes = deferred_->bytes + cost_of(message->frame().size());
  if (deferred_->bytes != 0 && bytes > socket_.options().send_buffer_limit) {
    count_dropped();
    return false;
  }
  deferred_->bytes = bytes;
  deferred_->messages.push_back(std::move(message));
  return true;
}

void message_writer::write_deferred() {
  const auto deferred = std::move(deferred_);
  if (!deferred) return;
  for (const auto& each : deferred->messages) write_prepared(*each);
}

void message_writer::end() noexcept {
  deflating_.reset();
  deferred_.reset();
}

}  // namespace saker::websockets
