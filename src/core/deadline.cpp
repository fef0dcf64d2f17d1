#include "core/deadline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace saker::core {

struct deadline_wheel::timer {
  boost::asio::steady_timer asio;
  bool armed = false;
};

void deadline::set(deadline_wheel& wheel, std::chrono::milliseconds after) {
  clear();
  wheel.insert(*this, after);
}

void deadline::clear() noexcept {
  if (wheel_) wheel_->erase(*this);
}

deadline_wheel::deadline_wheel(boost::asio::io_context& context)
    : start_(std::chrono::steady_clock::now()),
      timer_(new timer{boost::asio::steady_timer(context)}) {}

deadline_wheel::~deadline_wheel() {
  for (auto*& head : heads_) {
    while (head) erase(*head);
  }
}

std::uint64_t deadline_wheel::now() const noexcept {
  return static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start_) / tick);
}

void deadline_wheel::insert(deadline& entry, std::chrono::milliseconds after) {
  if (count_ == 0) advanced_to_ = now();
  const auto ticks = (after + tick - std::chrono::milliseconds(1)) / tick;
  // One tick more: the current one has partly passed.
  entry.due_ = now() + static_cast<std::uint64_t>(std::max<std::int64_t>(ticks, 0)) + 1;
  entry.wheel_ = this;
  auto*& head = heads_[entry.due_ % slots];
  entry.previous_ = nullptr;
  entry.next_ = head;
  if (head) head->previous_ = &entry;
  head = &entry;
  ++count_;
  arm();
}

void deadline_wheel::erase(deadline& entry) noexcept {
  auto*& head = heads_[entry.due_ % slots];
  if (entry.previous_) {
    entry.previous_->next_ = entry.next_;
  } else {
    head = entry.next_;
  }
  if (entry.next_) entry.next_->previous_ = entry.previous_;
  entry.wheel_ = nullptr;
  entry.previous_ = nullptr;
  entry.next_ = nullptr;
  --count_;
}

void deadline_wheel::arm() {
  if (timer_->armed) return;
  timer_->armed = true;
  timer_->asio.expires_after(tick);
  timer_->asio.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    timer_->armed = false;
    advance();
    if (count_ > 0) arm();
  });
}

void deadline_wheel::advance() {
  const auto current = now();
  // After a long pause each slot needs one visit only.
  auto from = std::max(advanced_to_ + 1, current >= slots ? current - slots + 1 : 0);
  advanced_to_ = current;
  for (; from <= current; ++from) expire_slot(from % slots);
}

void deadline_wheel::expire_slot(std::size_t slot) {
  // A callback may set or clear any deadline, so the list is searched again after each.
  for (bool again = true; again;) {
    again = false;
    for (auto* entry = heads_[slot]; entry; entry = entry->next_) {
      if (entry->due_ > advanced_to_) continue;
      erase(*entry);
      entry->function_(entry->owner_);
      again = true;
      break;
    }
  }
}

}  // namespace saker::core
