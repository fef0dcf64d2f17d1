#include "signalr/transports/outbox.hpp"

#include <algorithm>
#include <utility>

#include <saker/async/event_loop.hpp>

#include "async/deadline.hpp"
#include "signalr/transports/connection.hpp"

namespace saker::signalr {

bool outbox::is_process_full() const noexcept {
  return waiting_bytes::of_process() > options_.process_send_buffer_limit;
}

bool outbox::has_room(std::size_t waiting, std::size_t bytes) noexcept {
  if (waiting == 0) return true;
  auto limit = options_.send_buffer_limit;
  const auto most = options_.process_send_buffer_limit;
  if (is_process_full() && (waiting_bytes::of_process() - most > most || is_stuck())) {
    limit = options_.transport_max_buffer_size;
  }
  return waiting + bytes <= limit;
}

const char* outbox::limit_passed_by(std::size_t waiting, std::size_t bytes) const noexcept {
  return waiting + bytes > options_.send_buffer_limit
             ? "The client does not take what it is sent: send_buffer_limit is reached."
             : "The client does not take what it is sent: process_send_buffer_limit is reached.";
}

bool outbox::admit(std::size_t bytes) {
  if (ending_ != ending::none) return false;
  bytes = cost_of(bytes);
  if (has_room(bytes_, bytes)) return true;
  switch (options_.overflow_policy) {
    case overflow_policy::drop_oldest:
      if (make_room(bytes)) return true;
      [[fallthrough]];
    case overflow_policy::drop_newest: owner_.count_dropped(1); return false;
    case overflow_policy::disconnect:
    case overflow_policy::wait: break;
  }
  owner_.count_dropped(1);
  owner_.cut_off(limit_passed_by(bytes_, bytes));
  return false;
}

/// Drops what has waited longest, until there is room for that much.
bool outbox::make_room(std::size_t bytes) {
  std::size_t dropped = 0;
  while (!has_room(bytes_, bytes)) {
    const auto oldest = queue_.drop_oldest();
    if (!oldest) break;
    bytes_ -= cost_of(oldest->payload().size());
    ++dropped;
  }
  if (dropped != 0) owner_.count_dropped(dropped);
  return has_room(bytes_, bytes);
}

void outbox::write(std::span<const std::byte> data, websocket_message_type type) {
  if (ending_ != ending::none || (replayed_ && !socket_)) return;
  if (!is_direct() || !socket_.try_send(data, type)) push(share(data, type), false);
}

void outbox::write(const shared_message& message, bool droppable) {
  if (ending_ != ending::none || (replayed_ && !socket_)) return;
  const bool sent = is_direct() ? socket_.try_send(message) : send_through(message);
  if (!sent) push(message, droppable);
}

void outbox::write_through(const shared_message& message) {
  if (!send_through(message)) write(message, true);
}

bool outbox::send_through(const shared_message& message) {
  if (!is_empty() || draining_) return false;
  return socket_.send_through(message, 2 * options_.transport_max_buffer_size);
}

bool outbox::is_direct() const noexcept {
  if (!socket_ || !is_empty() || draining_) return false;
  return socket_.waiting() < options_.transport_max_buffer_size;
}

bool outbox::is_stuck() noexcept {
  const auto now = owner_.now();
  const auto longer_than = [now](std::uint64_t since, auto time) {
    return now >= since + async::deadline_wheel::ticks(time);
  };
  // Nobody is there to take anything.
  if (replayed_ && !socket_) return true;
  // A large message goes piece by piece.
  if (near() && socket_.taken() != std::exchange(pace_.sent_then, socket_.taken())) {
    pace_.taken_at = now;
  }
  return (bytes_ != 0 && longer_than(pace_.taken_at, socket_ ? slow_after : slow_to_answer)) ||
         (pace_.unacknowledged_since != 0 &&
          longer_than(pace_.unacknowledged_since, slow_to_answer));
}

void outbox::hold_until_room(room_request& room) {
  // Most of those that are not awaited share one guard.
  if (!waiters_.guards.empty() && room.shares(waiters_.guards.back())) return;
  waiters_.guards.push_back(room.guard());
  if (room.how() == patience::for_many && !waiters_.are_watched) {
    owner_.loop().state().start(look_after_waiters(owner_.shared_from_this()));
  }
}

bool outbox::has_impatient_waiters() const noexcept {
  return std::any_of(waiters_.guards.begin(), waiters_.guards.end(),
                     [](const auto& each) { return each->how() == patience::for_many; });
}

/// Who sends to many goes on when the client takes nothing.
task<void> outbox::look_after_waiters(std::shared_ptr<connection> keep) {
  struct watch {
    bool& on;
    explicit watch(bool& flag) noexcept : on(flag) { on = true; }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() { on = false; }
  };
  const watch watching(waiters_.are_watched);
  while (has_impatient_waiters() && !keep->is_disposed()) {
    auto pause = delay(async::deadline_wheel::tick);
    co_await pause;
    if (is_stuck()) release_impatient(waiters_.guards);
  }
}

/// Less waits than before. Where somebody else keeps the messages, he knows whether there is room.
void outbox::on_room() noexcept {
  if (replayed_ || waiters_.guards.empty()) return;
  if (!congested()) {
    give_room();
  } else if (bytes_ <= options_.send_buffer_limit / 2) {
    release_impatient(waiters_.guards);
  }
}

void outbox::note_taken() noexcept { pace_.taken_at = owner_.now(); }

void outbox::push(shared_message message, bool droppable) {
  if (bytes_ == 0) pace_.taken_at = owner_.now();
  bytes_ += cost_of(message->payload().size());
  queue_.push(std::move(message), droppable);
  if (socket_) {
    start_draining();
  } else {
    reader_.wake();
  }
}

task<void> outbox::room() {
  while (congested() && !is_finished()) {
    room_request room(patience::for_each);
    hold_until_room(room);
    const auto source = room.let_go();
    co_await source;
  }
}

void outbox::finish(bool failed) {
  if (is_finished()) return;
  ending_ = failed ? ending::failed : ending::finished;
  give_room();
  if (socket_) start_draining();
  reader_.wake();
}

void outbox::attach(std::shared_ptr<websocket> socket) {
  socket_.attach(std::move(socket));
  note_taken();
  if (!is_empty() || is_finished()) start_draining();
}

void outbox::detach() noexcept {
  socket_.detach();
  drop_waiting();
}

void outbox::drop_waiting() noexcept {
  queue_.clear();
  bytes_ = 0;
  on_room();
}

void outbox::abandon() noexcept {
  if (ending_ == ending::none) ending_ = ending::abandoned;
  detach();
  give_room();
}

std::vector<shared_message> outbox::take(std::size_t bytes) {
  std::vector<shared_message> taken;
  for (std::size_t size = 0; !is_empty() && size < bytes;) {
    taken.push_back(queue_.pop());
    const auto cost = cost_of(taken.back()->payload().size());
    size += cost;
    bytes_ -= std::min(bytes_, cost);
  }
  note_taken();
  on_room();
  return taken;
}

void outbox::give_room() noexcept {
  // Who waits goes on when the last guard is gone.
  auto waiting = std::exchange(waiters_.guards, {});
}

void outbox::start_draining() {
  if (std::exchange(draining_, true)) return;
  owner_.loop().state().start(drain(owner_.shared_from_this(), socket()));
}

task<void> outbox::drain(std::shared_ptr<connection> keep, std::shared_ptr<websocket> over) {
  try {
    while (socket() == over && !is_empty()) {
      const auto message = queue_.pop();
      auto sending = websocket_output::send(*over, message);
      co_await sending;
      if (socket() != over) break;
      bytes_ -= std::min(bytes_, cost_of(message->payload().size()));
      note_taken();
      on_room();
    }
    if (socket() == over && is_finished()) {
      auto closing = websocket_output::close(*over, ending_ == ending::failed);
      co_await closing;
    }
  } catch (...) {
    // Nothing reaches the client any more, and who waits for it to take something would not know.
    if (socket() == over) {
      drop_waiting();
      keep->look_after_socket();
    }
  }
  draining_ = false;
  if (socket_ && socket() != over && (!is_empty() || is_finished())) start_draining();
}

}  // namespace saker::signalr
