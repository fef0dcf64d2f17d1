#include "signalr/outbox.hpp"

#include <algorithm>
#include <utility>

#include "signalr/connection.hpp"
#include "websocket/connection.hpp"

namespace saker::signalr {

shared_message share(std::span<const std::byte> data, websocket_message_type type) {
  return std::make_shared<const websockets::prepared>(data, type, true);
}

bool outbox::admit(std::size_t bytes) {
  if (finished_ || abandoned_) return false;
  bytes = cost_of(bytes);
  if (bytes_ == 0 || bytes_ + bytes <= options_.send_buffer_limit) return true;
  switch (options_.overflow_policy) {
    case overflow_policy::drop_oldest:
      if (make_room(bytes)) return true;
      [[fallthrough]];
    case overflow_policy::drop_newest: owner_.count_dropped(1); return false;
    case overflow_policy::disconnect:
    case overflow_policy::wait: break;
  }
  owner_.count_dropped(1);
  owner_.end_overflowing();
  return false;
}

/// Drops what has waited longest, until there is room for that much.
bool outbox::make_room(std::size_t bytes) {
  std::size_t dropped = 0;
  while (bytes_ + bytes > options_.send_buffer_limit) {
    const auto oldest = queue_.drop_oldest();
    if (!oldest) break;
    bytes_ -= cost_of(oldest->payload().size());
    ++dropped;
  }
  if (dropped != 0) owner_.count_dropped(dropped);
  return bytes_ == 0 || bytes_ + bytes <= options_.send_buffer_limit;
}

void outbox::write(std::span<const std::byte> data, websocket_message_type type) {
  if (finished_ || abandoned_ || (replayed_ && !socket_)) return;
  if (!is_direct() || !socket_->try_send(data, type, true)) push(share(data, type), false);
}

void outbox::write(const shared_message& message, bool droppable) {
  if (finished_ || abandoned_ || (replayed_ && !socket_)) return;
  const bool sent =
      is_direct() ? socket_->try_send(websocket_prepared_message(message)) : send_through(message);
  if (!sent) push(message, droppable);
}

void outbox::write_through(const shared_message& message) {
  if (!send_through(message)) write(message, true);
}

/// Offers the message, and all that waits before it for the end of the turn, to the system now: a
/// burst within a turn must not count as a client that is slow.
bool outbox::send_through(const shared_message& message) {
  if (!near_ || !is_empty() || draining_) return false;
  if (near_->buffered_amount() >= 2 * options_.transport_max_buffer_size) return false;
  return !near_->can_send() || near_->send_batch(message->frame(), 1, 0, 0);
}

bool outbox::is_direct() const noexcept {
  if (!socket_ || !is_empty() || draining_) return false;
  const auto waiting = near_ ? near_->buffered_amount() : socket_->buffered_amount();
  return waiting < options_.transport_max_buffer_size;
}

void outbox::prefetch_socket() const noexcept {
  if (near_) near_->prefetch();
}

void outbox::prefetch_stream() const noexcept {
  if (near_) near_->prefetch_stream();
}

void outbox::push(shared_message message, bool droppable) {
  bytes_ += cost_of(message->payload().size());
  queue_.push(std::move(message), droppable);
  if (socket_) {
    start_draining();
  } else {
    reader_.wake();
  }
}

task<void> outbox::room() {
  while (congested() && !finished_) {
    auto guard = std::make_shared<room_guard>();
    const auto source = guard->source();
    hold_until_room(std::move(guard));
    co_await source;
  }
}

void outbox::finish(bool failed) {
  if (std::exchange(finished_, true)) return;
  failed_ = failed;
  give_room();
  if (socket_) start_draining();
  reader_.wake();
}

void outbox::attach(std::shared_ptr<websocket> socket) {
  socket_ = std::move(socket);
  near_ = socket_->loop().is_current() ? socket_->shared().get() : nullptr;
  if (!is_empty() || finished_) start_draining();
}

void outbox::detach() noexcept {
  socket_.reset();
  near_ = nullptr;
  drop_waiting();
}

void outbox::drop_waiting() noexcept {
  queue_.clear();
  bytes_ = 0;
  give_room();
}

void outbox::abandon() noexcept {
  abandoned_ = true;
  detach();
}

std::vector<shared_message> outbox::take_all() {
  std::vector<shared_message> all;
  while (!is_empty()) all.push_back(queue_.pop());
  bytes_ = 0;
  give_room();
  return all;
}

void outbox::give_room() noexcept {
  // Who waits goes on when the last guard is gone.
  auto waiting = std::exchange(waiters_, {});
}

void outbox::start_draining() {
  if (std::exchange(draining_, true)) return;
  owner_.loop().state().start(drain(owner_.shared_from_this(), socket_));
}

task<void> outbox::drain(std::shared_ptr<connection> keep, std::shared_ptr<websocket> socket) {
  try {
    while (socket_ == socket && !is_empty()) {
      const auto message = queue_.pop();
      websockets::send_operation sending(*socket->shared(), message);
      co_await sending;
      if (socket_ != socket) break;
      bytes_ -= std::min(bytes_, cost_of(message->payload().size()));
      if (is_empty()) give_room();
    }
    if (socket_ == socket && finished_) {
      const auto status = failed_ ? websocket_close_status::internal_server_error
                                  : websocket_close_status::normal_closure;
      auto closing = socket->close(status);
      co_await closing;
    }
  } catch (...) {
    // Nothing reaches the client any more, and who waits for it to take something would not know.
    if (socket_ == socket) {
      drop_waiting();
      keep->look_after_socket();
    }
  }
  draining_ = false;
  if (socket_ && socket_ != socket && (!is_empty() || finished_)) start_draining();
}

}  // namespace saker::signalr
