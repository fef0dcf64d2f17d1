#include "websocket/lifetime/group_bucket.hpp"

#include <utility>

#include "websocket/lifetime/connection.hpp"

namespace saker::websockets {
namespace {

constexpr std::size_t most_posted_bytes = 16 * 1024 * 1024;
/// What a turn gathers before it is delivered ahead of the turn's end.
constexpr std::size_t most_pending_bytes = 1024 * 1024;

/// A small message costs its bookkeeping.
std::size_t cost_of(const prepared& message) noexcept {
  constexpr std::size_t bookkeeping = 256;
  return bookkeeping + message.frame().size();
}

}  // namespace

/// The bucket of a loop that gathers messages: one at a time, so that a member of several groups
/// gets what was broadcast in its order.
class group_bucket::open_batches {
 public:
  void open(group_bucket& bucket) {
    if (bucket_ && bucket_ != &bucket) bucket_->deliver();
    bucket_ = &bucket;
  }
  void close(const group_bucket& bucket) noexcept {
    if (bucket_ == &bucket) bucket_ = nullptr;
  }
  group_bucket* gathering() const noexcept { return bucket_; }

 private:
  group_bucket* bucket_ = nullptr;
};

group_bucket* group_bucket::gathering_on(event_loop& loop) {
  return loop.state().local<open_batches>().gathering();
}

bool group_bucket::reserve(const prepared& message) noexcept {
  if (posted_bytes_.fetch_add(cost_of(message)) < most_posted_bytes) return true;
  release(message);
  return false;
}

void group_bucket::release(const prepared& message) noexcept {
  posted_bytes_.fetch_sub(cost_of(message));
}

void group_bucket::add(connection& socket) {
  if (!socket.can_send() || socket.groups().place_in(*this)) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  socket.groups().join(*this, members_.size());
  members_.push_back({&socket, pending_.size()});
}

void group_bucket::remove(connection& socket) {
  const auto self = shared_from_this();
  const auto place = socket.groups().place_in(*this);
  if (!place) return;
  settle(*place);
  socket.groups().forget(*this);
  leave(*place);
}

void group_bucket::leave(std::size_t place) {
  if (place + 1 != members_.size()) {
    members_[place] = members_.back();
    members_[place].socket->groups().move_in(*this, place);
  }
  members_.pop_back();
  if (members_.empty()) {
    forget_pending();
    end_overflowing();
  }
  size_.fetch_sub(1, std::memory_order_release);
}

void group_bucket::clear() {
  const auto self = shared_from_this();
  deliver();
  while (!members_.empty()) {
    members_.back().socket->groups().forget(*this);
    members_.pop_back();
    size_.fetch_sub(1, std::memory_order_release);
  }
}

void group_bucket::broadcast(std::shared_ptr<const prepared> content, const connection* excluded) {
  if (members_.empty()) return;
  loop_.state().local<open_batches>().open(*this);
  const auto cost = cost_of(*content);
  pending_.push({std::move(content), excluded}, cost);
  loop_.state().at_turn_end(*this);
  if (pending_.bytes() >= most_pending_bytes) deliver();
}

void group_bucket::settle(std::size_t place) {
  if (!pending_.empty()) deliver_one_by_one(members_[place]);
}

void group_bucket::deliver() {
  if (pending_.empty()) return;
  const auto self = shared_from_this();
  std::array<batch, variants> batches;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    // Thousands of members are in no cache; what the next ones need is under way meanwhile.
    constexpr std::size_t ahead = 4;
    if (i + 2 * ahead < members_.size()) members_[i + 2 * ahead].socket->prefetch();
    if (i + ahead < members_.size()) members_[i + ahead].socket->prefetch_stream();
    auto& each = members_[i];
    const bool all = each.settled == 0 && pending_.is_for_all();
    if (!all || !deliver_batch(*each.socket, batches)) deliver_one_by_one(each);
    each.settled = 0;
  }
  forget_pending();
  end_overflowing();
}

void group_bucket::end_overflowing() {
  for (const auto& each : std::exchange(overflowing_, {})) each->writer().end_overflowing();
}

/// Nothing of the loop refers to this any more.
void group_bucket::forget_pending() noexcept {
  pending_.clear();
  loop_.state().local<open_batches>().close(*this);
  turn_task::unlink();
}

bool group_bucket::deliver_batch(connection& to, std::array<batch, variants>& batches) {
  if (!to.can_send()) return true;
  const auto& ready = batch_for(to, batches);
  return to.writer().send_batch(ready.bytes, pending_.size(), ready.compressed, ready.uncompressed);
}

const group_bucket::batch& group_bucket::batch_for(connection& to,
                                                   std::array<batch, variants>& batches) {
  auto& made = batches[to.writer().frame_variant()];
  if (!made.bytes.empty()) return made;
  for (const auto& each : pending_) {
    const auto frame = to.writer().frame_of(*each.content);
    if (frame.data() != each.content->frame().data()) {
      made.compressed += frame.size();
      made.uncompressed += each.content->payload().size();
    }
    if (pending_.size() == 1) {
      made.bytes = frame;
    } else {
      made.joined.insert(made.joined.end(), frame.begin(), frame.end());
    }
  }
  if (pending_.size() != 1) made.bytes = made.joined;
  return made;
}

void group_bucket::deliver_one_by_one(member& to) {
  while (to.settled < pending_.size()) {
    const auto& next = pending_[to.settled++];
    if (next.excluded == to.socket || !to.socket->can_send()) continue;
    if (to.socket->writer().send_shared(next.content)) continue;
    if (policy_ == overflow_policy::drop_newest) {
      to.socket->writer().count_dropped();
      continue;
    }
    overflowing_.push_back(to.socket->shared_from_this());
    to.settled = pending_.size();
  }
}

}  // namespace saker::websockets
