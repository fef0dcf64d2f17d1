#include "signalr/hub/loop_mail.hpp"

#include <exception>
#include <utility>

#include "observe/log.hpp"
#include "signalr/hub/audience.hpp"

namespace saker::signalr {

mail_limit mail_limit::of(const connection_options& options) noexcept {
  // The loop may have no time for a while though every client reads: that is no reason to end them.
  constexpr std::size_t times = 4;
  return {options.overflow_policy, options.send_buffer_limit * times};
}

bool loop_mail::has_room(const mail_recipient& to, std::size_t bytes) const noexcept {
  return to.bytes_ == 0 || to.bytes_ + bytes <= limit_.bytes;
}

void loop_mail::send(std::shared_ptr<mail_recipient> to, std::shared_ptr<const broadcast> what,
                     std::size_t bytes, std::shared_ptr<room_guard> guard) {
  bytes += letter_cost;
  letters dropped;  // Destroyed without the lock.
  std::size_t lost = 0;
  auto* const whom = to.get();
  {
    const std::scoped_lock lock(mutex_);
    if (!has_room(*to, bytes) && limit_.policy == overflow_policy::drop_oldest) {
      lost = drop_oldest(*to, bytes, dropped);
    }
    if (to->given_up_) {
      lost = 1;
    } else if (has_room(*to, bytes)) {
      add({std::move(to), std::move(what), std::move(guard), {}, waiting_bytes(bytes)});
    } else {
      ++lost;
      if (limit_.policy == overflow_policy::disconnect || limit_.policy == overflow_policy::wait) {
        give_up(to);
      }
    }
  }
  if (lost != 0) whom->count_dropped(lost);
}

bool loop_mail::ask(std::shared_ptr<mail_recipient> to, std::size_t bytes,
                    std::function<void()> step) {
  bytes += letter_cost;
  const std::scoped_lock lock(mutex_);
  if (to->given_up_ || !has_room(*to, bytes)) return false;
  add({std::move(to), nullptr, nullptr, std::move(step), waiting_bytes(bytes)});
  return true;
}

void loop_mail::post(std::shared_ptr<mail_recipient> to, std::function<void()> step) {
  const std::scoped_lock lock(mutex_);
  // Membership must be told to the end, but nobody can make it endless.
  if (++to->steps_ > most_steps && !to->given_up_) give_up(to);
  add({std::move(to), nullptr, nullptr, std::move(step)});
}

void loop_mail::add(letter made) {
  // First: what nobody is woken for must not lie here.
  if (!posted_) loop_.post([self = shared_from_this()] { self->deliver(); });
  posted_ = true;
  auto& to = *made.to;
  const bool is_message = made.what != nullptr;
  waiting_.push_back(std::move(made));
  to.bytes_ += waiting_.back().bytes.bytes();
  if (!is_message) return;
  const auto place = std::prev(waiting_.end());
  if (to.messages_++ == 0) {
    to.first_ = place;
  } else {
    to.last_->next = place;
  }
  to.last_ = place;
}

std::size_t loop_mail::drop_oldest(mail_recipient& to, std::size_t bytes, letters& dropped) {
  std::size_t count = 0;
  while (to.messages_ != 0 && !has_room(to, bytes)) {
    const auto oldest = std::exchange(to.first_, to.first_->next);
    --to.messages_;
    to.bytes_ -= oldest->bytes.bytes();
    dropped.splice(dropped.end(), waiting_, oldest);
    ++count;
  }
  return count;
}

/// Its loop ends it, once, however many messages are too many.
void loop_mail::give_up(const std::shared_ptr<mail_recipient>& to) {
  add({to, nullptr, nullptr, [whom = to.get()] { whom->end_overflowing(); }});
  to->given_up_ = true;
}

void loop_mail::deliver() {
  letters taken;
  {
    const std::scoped_lock lock(mutex_);
    posted_ = false;
    taken.swap(waiting_);
    for (auto& each : taken) {
      auto& to = *each.to;
      to.bytes_ = 0;
      to.messages_ = to.steps_ = 0;
      to.given_up_ = false;
    }
  }
  while (!taken.empty()) {
    deliver(taken.front());
    taken.pop_front();
  }
}

void loop_mail::deliver(const letter& each) {
  try {
    if (each.what) {
      room_request room(each.guard);
      each.to->take(*each.what, room);
    } else {
      each.step();
    }
  } catch (...) {
    observe::log(observe::log_level::error, "A hub's message was not delivered: " +
                                                observe::describe(std::current_exception()));
  }
}

}  // namespace saker::signalr
