#include "redis/subscriptions.hpp"

#include <utility>

#include "redis/node.hpp"
#include "redis/topology.hpp"

namespace saker::redis {
namespace {

using state = subscription::state;

void complete(std::vector<confirmation_source>& all, const std::string& error = {}) {
  for (auto& each : all) each.try_set_value(error);
}

}  // namespace

subscriptions::time_point subscriptions::deadline() const {
  return std::chrono::steady_clock::now() + settings_.publish_timeout;
}

// From any thread.

void subscriptions::subscribe(std::string channel, std::shared_ptr<channel_receiver> receiver) {
  const std::scoped_lock lock(mutex_);
  auto& entry = by_channel_[channel];
  if (!entry.receiver) entry.receiver = std::move(receiver);
  changed_.insert(std::move(channel));
}

void subscriptions::unsubscribe(const std::string& channel) {
  released waiting;
  std::shared_ptr<channel_receiver> receiver;  // Destroyed without the lock.
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end()) return;
    auto& entry = found->second;
    receiver.swap(entry.receiver);
    entry.waiters.take(waiting);
    if (entry.how != state::desired) {
      changed_.insert(channel);
    } else {
      // What comes and goes between two turns leaves nothing, however often it does.
      changed_.erase(channel);
      by_channel_.erase(found);
    }
  }
  complete(waiting);
}

std::optional<confirmation_source> subscriptions::confirmation(const std::string& channel,
                                                               bool insists) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_channel_.find(channel);
  if (found == by_channel_.end() || !found->second.receiver) return {};
  if (found->second.how == state::confirmed || redis_ == reach::ended) return {};
  if (redis_ == reach::expected) {
    insisting_ += insists ? 1 : 0;
    return found->second.waiters.add(insists, {});
  }
  if (!insists) return {};
  ++insisting_;
  return found->second.waiters.add(true, deadline());
}

// On the bus's thread.

subscription_changes subscriptions::take_changes() {
  subscription_changes changes;
  released patient;
  {
    const std::scoped_lock lock(mutex_);
    changes = apply(std::exchange(changed_, {}), patient);
  }
  complete(patient);
  return changes;
}

subscription_changes subscriptions::take_all_changes() {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [channel, entry] : by_channel_) changed_.insert(channel);
  }
  return take_changes();
}

/// Under the lock.
subscription_changes subscriptions::apply(const std::unordered_set<std::string>& channels,
                                          released& patient) {
  subscription_changes changes;
  for (const auto& channel : channels) {
    const auto found = by_channel_.find(channel);
    if (found == by_channel_.end()) continue;
    auto& entry = found->second;
    auto* const to = topology_.node_of(channel);
    const bool up = to && to->is_subscriber_up();
    if (!entry.receiver) {
      if (up && entry.how != state::desired) changes.ended[to].push_back(channel);
      by_channel_.erase(found);
      continue;
    }
    if (std::exchange(entry.on, to) != to) entry.how = state::desired;
    if (up && entry.how == state::desired) {
      entry.how = state::requested;
      changes.begun[to].push_back(channel);
    } else if (!up && redis_ == reach::away) {
      entry.waiters.take_patient(deadline(), patient);
    }
  }
  return changes;
}

std::vector<std::string> subscriptions::request_all(node& from) {
  std::vector<std::string> channels;
  const std::scoped_lock lock(mutex_);
  for (auto& [channel, entry] : by_channel_) {
    if (!entry.receiver || topology_.node_of(channel) != &from) continue;
    entry.on = &from;
    entry.how = state::requested;
    channels.push_back(channel);
  }
  return channels;
}

void subscriptions::on_confirmed(const node& by, std::string_view channel) {
  released waiting;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = by_channel_.find(std::string(channel));
    if (found == by_channel_.end() || found->second.on != &by) return;
    found->second.how = state::confirmed;
    found->second.waiters.take(waiting);
  }
  complete(waiting);
}

void subscriptions::on_lost(const node& by) {
  const std::scoped_lock lock(mutex_);
  for (auto& [channel, entry] : by_channel_) {
    if (entry.on == &by) entry.how = state::desired;
  }
}

bool subscriptions::on_taken_away(std::string_view channel) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_channel_.find(std::string(channel));
  if (found == by_channel_.end()) return false;
  found->second.how = state::desired;
  return true;
}

std::shared_ptr<channel_receiver> subscriptions::receiver_of(std::string_view channel) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_channel_.find(std::string(channel));
  return found == by_channel_.end() ? nullptr : found->second.receiver;
}

// While Redis is away.

void subscriptions::on_away(const node* which) {
  released patient;
  {
    const std::scoped_lock lock(mutex_);
    redis_ = reach::away;
    const auto until = deadline();
    for (auto& [channel, entry] : by_channel_) {
      if (which && entry.on && entry.on != which) continue;
      entry.waiters.take_patient(until, patient);
    }
  }
  complete(patient);
}

void subscriptions::on_back() {
  const std::scoped_lock lock(mutex_);
  redis_ = reach::expected;
}

void subscriptions::expire(time_point now) {
  released late;
  {
    const std::scoped_lock lock(mutex_);
    if (insisting_ == 0) return;
    insisting_ = 0;
    for (auto& [channel, entry] : by_channel_) insisting_ += entry.waiters.take_late(now, late);
  }
  complete(late, "Redis could not be reached within " +
                     std::to_string(settings_.publish_timeout.count()) + " ms.");
}

void subscriptions::end() {
  on_away(nullptr);
  {
    const std::scoped_lock lock(mutex_);
    redis_ = reach::ended;
  }
  expire(time_point::max());
}

}  // namespace saker::redis
