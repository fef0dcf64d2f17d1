#include "signalr/hub/audience.hpp"

#include <functional>

#include "signalr/hub/hub_connection.hpp"
#include "signalr/transports/connection_endpoint.hpp"

namespace saker::signalr {

// The members on one loop.

void audience_bucket::expect(const hub_connection& member) noexcept {
  coming_.fetch_add(1, std::memory_order_relaxed);
  endpoint_.store(&member.on().endpoint(), std::memory_order_relaxed);
}

void audience_bucket::add(std::shared_ptr<membership> one) {
  if (loop().is_current()) {
    add_here(std::move(one));
    return;
  }
  auto member = one->member;
  mail_->post(std::move(member),
              [self = shared_from_this(), one = std::move(one)] { self->add_here(one); });
}

void audience_bucket::add_here(std::shared_ptr<membership> one) {
  if (!one->is_over) {
    members_.add(std::move(one));
    size_.store(members_.size(), std::memory_order_relaxed);
  }
  coming_.fetch_sub(1, std::memory_order_release);
}

void audience_bucket::remove(std::shared_ptr<membership> one) {
  if (loop().is_current()) {
    remove_here(*one);
    return;
  }
  auto member = one->member;
  mail_->post(std::move(member),
              [self = shared_from_this(), one = std::move(one)] { self->remove_here(*one); });
}

void audience_bucket::remove_here(membership& one) {
  one.is_over = true;
  if (one.place == membership::nowhere) return;
  members_.remove(one);
  one.place = membership::nowhere;
  size_.store(members_.size(), std::memory_order_relaxed);
}

void audience_bucket::send(const std::shared_ptr<const broadcast>& what, std::size_t bytes,
                           room_request& room) {
  if (loop().is_current()) {
    take(*what, room);
  } else {
    mail_->send(shared_from_this(), what, bytes, room.guard());
  }
}

void audience_bucket::take(const broadcast& what, room_request& room) {
  constexpr std::size_t many = 64;
  const bool to_many = members_.size() > many;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    // Thousands of members are in no cache; what the next ones need is under way meanwhile.
    if (to_many) prefetch(i);
    if (what.leaves_anybody_out() && what.leaves_out(&members_[i])) continue;
    members_[i].send(what.message, room, to_many);
  }
}

void audience_bucket::prefetch(std::size_t from) const noexcept {
  constexpr std::size_t step = 3;
  const auto in = [&](std::size_t steps) { return from + steps * step < members_.size(); };
  const auto at = [&](std::size_t steps) -> const hub_connection& {
    return members_[from + steps * step];
  };
  if (in(4)) at(4).prefetch();
  if (in(3)) at(3).prefetch_connection();
  if (in(2)) at(2).on().output().prefetch_socket();
  if (in(1)) at(1).on().output().prefetch_stream();
}

/// Messages would be missing unnoticed.
void audience_bucket::end_overflowing() {
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i].end_overflowing();
}

void audience_bucket::count_dropped(std::size_t messages) noexcept {
  auto* const counting = endpoint_.load(std::memory_order_relaxed);
  if (counting) counting->count_dropped(messages * size_.load(std::memory_order_relaxed));
}

// All loops.

std::shared_ptr<loop_mail> post_office::mail_of(event_loop& loop) {
  return mails_.of(loop, [&] { return std::make_shared<loop_mail>(loop, limit_); });
}

std::shared_ptr<audience_bucket> audience::bucket_of(event_loop& loop) {
  return buckets_.of(loop, [&] { return std::make_shared<audience_bucket>(mails_.mail_of(loop)); });
}

bool audience::add(const std::shared_ptr<hub_connection>& member) {
  auto one = std::make_shared<membership>(member);
  std::shared_ptr<audience_bucket> bucket;
  {
    const std::scoped_lock lock(mutex_);
    if (!members_.emplace(member->id(), one).second) return false;
    bucket = bucket_of(member->loop());
    bucket->expect(*member);
  }
  bucket->add(std::move(one));
  return true;
}

bool audience::remove(const hub_connection& member) {
  std::shared_ptr<membership> one;
  std::shared_ptr<audience_bucket> bucket;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = members_.find(member.id());
    if (found == members_.end()) return false;
    one = std::move(found->second);
    members_.erase(found);
    bucket = bucket_of(member.loop());
  }
  bucket->remove(std::move(one));
  return true;
}

std::size_t audience::size() const {
  const std::scoped_lock lock(mutex_);
  return members_.size();
}

std::vector<std::string> audience::members() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(members_.size());
  for (const auto& [id, one] : members_) ids.emplace_back(id);
  return ids;
}

void audience::send(const std::shared_ptr<const broadcast>& what, room_request& room) const {
  std::size_t bytes = 0;
  for (const auto& each : buckets_.used()) {
    if (bytes == 0 && !each->loop().is_current()) bytes = what->message.cost();
    each->send(what, bytes, room);
  }
}

}  // namespace saker::signalr
