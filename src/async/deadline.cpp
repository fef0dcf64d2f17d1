#include "async/deadline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace saker::async {

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
    : start_(std::chrono::steady_clock::now() - tick),
      timer_(new timer{boost::asio::steady_timer(context)}) {}

deadline_wheel::~deadline_wheel() {
  for (auto& slot : slots_) {
    while (!slot.empty()) erase(slot.front());
  }
}

std::uint64_t deadline_wheel::now() noexcept {
  if (!now_is_known_) {
    now_ = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start_) / tick);
    now_is_known_ = true;
  }
  return now_;
}

void deadline_wheel::insert(deadline& entry, std::chrono::milliseconds after) {
  coarse_now();
  // Who means "never" says so with a great number.
  after = std::min<std::chrono::milliseconds>(after, std::chrono::hours(24 * 365));
  const auto ticks = (after + tick - std::chrono::milliseconds(1)) / tick;
  // One tick more: the current one has partly passed.
  entry.due_ = now() + static_cast<std::uint64_t>(std::max<std::int64_t>(ticks, 0)) + 1;
  entry.wheel_ = this;
  slots_[entry.due_ % slot_count].push_back(entry);
  ++count_;
  arm();
}

void deadline_wheel::erase(deadline& entry) noexcept {
  entry.unlink();
  entry.wheel_ = nullptr;
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
  end_turn();
  const auto current = now();
  // After a long pause each slot needs one visit only.
  auto from = std::max(advanced_to_ + 1, current >= slot_count ? current - slot_count + 1 : 0);
  if (const auto turn = current - advanced_to_; turn > longest_turn) {
    stood_still_ += turn - longest_turn;
  }
  advanced_to_ = current;
  for (; from <= current; ++from) expire(slots_[from % slot_count]);
}

void deadline_wheel::expire(intrusive_list<deadline>& slot) {
  // A callback may set or clear any deadline, those of this visit too.
  intrusive_list<deadline> visited;
  while (!slot.empty()) visited.push_back(slot.pop_front());
  while (!visited.empty()) {
    auto& entry = visited.pop_front();
    if (entry.due_ > advanced_to_) {
      slot.push_back(entry);
      continue;
    }
    entry.wheel_ = nullptr;
    --count_;
    entry.function_(entry.owner_);
  }
}

}  // namespace saker::async
