#include "signalr/audience.hpp"

#include "core/run_on.hpp"
#include "signalr/hub_connection.hpp"

namespace saker::signalr {
namespace {

constexpr std::size_t most_posted = 65'536;

}  // namespace

void audience_bucket::add(hub_connection& member) {
  if (!member.join(shared_from_this(), members_.size())) return;
  members_.push_back(&member);
  size_.store(members_.size(), std::memory_order_relaxed);
}

void audience_bucket::remove(std::size_t place) {
  if (place + 1 != members_.size()) {
    members_[place] = members_.back();
    members_[place]->move_in(*this, place);
  }
  members_.pop_back();
  size_.store(members_.size(), std::memory_order_relaxed);
}

void audience_bucket::deliver(const broadcast& what, const std::shared_ptr<room_guard>& guard) {
  constexpr std::size_t many = 64;
  const bool to_many = members_.size() > many;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    // Thousands of members are in no cache; what the next ones need is under way meanwhile.
    if (to_many) prefetch(i);
    if (!what.excluded.empty() && what.leaves_out(members_[i])) continue;
    members_[i]->send(what.message, guard, to_many);
  }
}

void audience_bucket::prefetch(std::size_t from) const noexcept {
  constexpr std::size_t step = 3;
  const auto in = [&](std::size_t steps) { return from + steps * step < members_.size(); };
  const auto at = [&](std::size_t steps) -> const hub_connection& {
    return *members_[from + steps * step];
  };
  if (in(4)) at(4).prefetch();
  if (in(3)) at(3).prefetch_connection();
  if (in(2)) at(2).on().output().prefetch_socket();
  if (in(1)) at(1).on().output().prefetch_stream();
}

bool audience_bucket::reserve() noexcept {
  if (posted_.fetch_add(1, std::memory_order_relaxed) < most_posted) return true;
  release();
  return false;
}

void audience_bucket::end_all() {
  for (auto* const each : members_) each->end_overflowing();
}

std::shared_ptr<audience_bucket> audience::bucket_of(event_loop& loop) {
  const auto found = std::find_if(buckets_.begin(), buckets_.end(),
                                  [&](const auto& each) { return &each->loop() == &loop; });
  if (found != buckets_.end()) return *found;
  return buckets_.emplace_back(std::make_shared<audience_bucket>(loop));
}

bool audience::add(const std::shared_ptr<hub_connection>& member) {
  std::shared_ptr<audience_bucket> bucket;
  {
    const std::scoped_lock lock(mutex_);
    if (!ids_.insert(member->id()).second) return false;
    bucket = bucket_of(member->loop());
    bucket->expect_member();
  }
  auto& loop = bucket->loop();
  core::run_on(loop, [bucket = std::move(bucket), member] {
    bucket->add(*member);
    bucket->member_came();
  });
  return true;
}

bool audience::remove(const std::shared_ptr<hub_connection>& member) {
  std::shared_ptr<audience_bucket> bucket;
  {
    const std::scoped_lock lock(mutex_);
    if (ids_.erase(member->id()) == 0) return false;
    bucket = bucket_of(member->loop());
  }
  auto& loop = bucket->loop();
  core::run_on(loop, [bucket = std::move(bucket), member] { member->leave(*bucket); });
  return true;
}

std::size_t audience::size() const {
  const std::scoped_lock lock(mutex_);
  return ids_.size();
}

std::vector<std::string> audience::members() const {
  const std::scoped_lock lock(mutex_);
  return {ids_.begin(), ids_.end()};
}

void audience::send(const std::shared_ptr<const broadcast>& what,
                    const std::shared_ptr<room_guard>& guard) const {
  std::vector<std::shared_ptr<audience_bucket>> buckets;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& each : buckets_) {
      if (!each->is_empty()) buckets.push_back(each);
    }
  }
  for (auto& bucket : buckets) {
    auto& loop = bucket->loop();
    if (loop.is_current()) {
      bucket->deliver(*what, guard);
    } else if (bucket->reserve()) {
      loop.post([bucket = std::move(bucket), what, guard] {
        bucket->release();
        bucket->deliver(*what, guard);
      });
    } else {
      // Messages would be missing unnoticed.
      loop.post([bucket = std::move(bucket)] { bucket->end_all(); });
    }
  }
}

}  // namespace saker::signalr
