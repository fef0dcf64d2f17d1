#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <saker/core/event_loop.hpp>

#include "signalr/outbox.hpp"
#include "signalr/outgoing_message.hpp"

namespace saker::signalr {

class hub_connection;

/// A message on its way to many, and whom it leaves out.
struct broadcast {
  outgoing_message message;
  std::vector<std::shared_ptr<const hub_connection>> excluded;

  explicit broadcast(hub_message what) : message(std::move(what)) {}
  broadcast(shared_message text, shared_message binary)
      : message(std::move(text), std::move(binary)) {}
  bool leaves_out(const hub_connection* each) const noexcept {
    return std::any_of(excluded.begin(), excluded.end(),
                       [&](const auto& other) { return other.get() == each; });
  }
};

/// The members of an audience on one loop.
///
/// Owner: the audience, and what is posted. Thread rule: its loop, but for the counting.
class audience_bucket : public std::enable_shared_from_this<audience_bucket> {
 public:
  explicit audience_bucket(event_loop& loop) noexcept : loop_(loop) {}
  event_loop& loop() const noexcept { return loop_; }

  void add(hub_connection& member);
  void remove(std::size_t place);
  void deliver(const broadcast& what, const std::shared_ptr<room_guard>& guard);

  /// Makes room for a broadcast that is posted; false: the loop is too far behind. Any thread.
  bool reserve() noexcept;
  void release() noexcept { posted_.fetch_sub(1, std::memory_order_relaxed); }
  /// Whether nobody is a member, or about to be.
  bool is_empty() const noexcept {
    return size_.load(std::memory_order_relaxed) + coming_.load(std::memory_order_relaxed) == 0;
  }
  void expect_member() noexcept { coming_.fetch_add(1, std::memory_order_relaxed); }
  void member_came() noexcept { coming_.fetch_sub(1, std::memory_order_relaxed); }
  void end_all();

 private:
  void prefetch(std::size_t from) const noexcept;

  event_loop& loop_;
  std::vector<hub_connection*> members_;
  std::atomic<std::size_t> size_ = 0;
  std::atomic<std::size_t> coming_ = 0;
  std::atomic<std::size_t> posted_ = 0;
};

/// Connections that get the same: all of a hub, a group, a user's.
///
/// Owner: the hub's manager, and whoever sends to it. Thread rule: any thread.
class audience {
 public:
  /// False: it was a member already.
  bool add(const std::shared_ptr<hub_connection>& member);
  bool remove(const std::shared_ptr<hub_connection>& member);
  std::size_t size() const;
  std::vector<std::string> members() const;

  void send(const std::shared_ptr<const broadcast>& what,
            const std::shared_ptr<room_guard>& guard) const;

 private:
  std::shared_ptr<audience_bucket> bucket_of(event_loop& loop);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<audience_bucket>> buckets_;
  std::set<std::string, std::less<>> ids_;
};

}  // namespace saker::signalr
